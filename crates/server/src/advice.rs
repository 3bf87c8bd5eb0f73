//! What to do about an error at the start, for whoever reads it in the middle of the night.

use std::io::{Error, ErrorKind};

/// About a TCP port that can't be opened; begins with a line break, or is nothing.
pub(crate) fn on_port(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::AddrInUse => {
            "\nAnother server listens there ('ss -tlnp' names it): stop it, or give kvd another 'port'."
        }
        ErrorKind::AddrNotAvailable => "\nThis machine has no such address: see 'bind', and 'ip address'.",
        ErrorKind::PermissionDenied => {
            "\nPorts below 1024 are for root and for programs with CAP_NET_BIND_SERVICE: give kvd another 'port'."
        }
        _ => "",
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
