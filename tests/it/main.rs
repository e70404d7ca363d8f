mod support;

mod store_groups;
mod store_loss;
mod store_open;
mod store_signals;
mod store_types;
mod vault;
