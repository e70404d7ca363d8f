fn main() -> std::process::ExitCode {
    radrum::cli::main()
}
