mod live_order;
mod live_rooms;
mod live_socket;
