mod http_api;
mod http_mail;
mod http_ops;
mod live_order;
mod live_rooms;
mod live_socket;
