mod support;

mod live_order;
mod live_rooms;
mod live_socket;
mod product_flow;
mod protocol_examples;
mod rooms_moderation;
mod rooms_threads;
mod rooms_time;
mod scan_score;
mod store_groups;
mod store_loss;
mod store_open;
mod store_signals;
mod store_types;
mod tidy;
