//! The program of the window. Everything it does is in the library beside it.

fn main() -> std::process::ExitCode {
    firmdrop_window::run()
}
