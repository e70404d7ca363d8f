
mod scan_score;
