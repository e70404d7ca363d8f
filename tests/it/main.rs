mod support;

mod http_api;
mod http_mail;
mod http_ops;
mod live_order;
mod live_rooms;
mod live_socket;
mod product_flow;
mod scan_score;
mod store_backup;
mod store_groups;
mod store_loss;
mod store_open;
mod store_signals;
mod store_types;
mod tidy;
mod vault;
