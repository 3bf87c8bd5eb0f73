//! What to do about an error at the start, for whoever reads it in the middle of the night.

use std::io::{Error, ErrorKind};

use config::ParameterId;

/// About a TCP port that can't be opened, and the parameter that asked for it; begins with a line break, or is nothing.
pub(crate) fn on_port(error: &Error, port: ParameterId) -> String {
    let port = port.row().name;
    let bind = if port == "http-port" { "http-bind" } else { "bind" };
    match error.kind() {
        ErrorKind::AddrInUse => {
            format!(
                "\nAnother server listens there ('ss -tlnp' names it): stop it, or give kvd another '{port}'."
            )
        }
        ErrorKind::AddrNotAvailable => {
            format!("\nThis machine has no such address: see '{bind}', and 'ip address'.")
        }
        ErrorKind::PermissionDenied => format!(
            "\nPorts below 1024 are for root and for programs with CAP_NET_BIND_SERVICE: give kvd another '{port}'."
        ),
        _ => String::new(),
    }
}

/// About a file or folder that can't be used; begins with a line break, or is nothing.
pub(crate) fn on_path(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "\nMake the folder first, or name another: kvd makes none.",
        ErrorKind::PermissionDenied => "\nThe user that runs kvd must be allowed to use it ('ls -ld', 'id').",
        _ => "",
    }
}
