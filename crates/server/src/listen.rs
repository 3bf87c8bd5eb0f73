//! Opening the sockets that clients connect to.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use config::{Config, ParameterId, id};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use crate::paths::path;
use crate::process::reason;

/// A socket that could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// `port` is the parameter that asked for it.
    #[error("could not listen on {address}: {}", reason(.error))]
    Tcp { address: String, port: ParameterId, error: io::Error },
    #[error("could not open the Unix socket {path}: {}", reason(.error))]
    Unix { path: PathBuf, error: io::Error },
    #[error(
        "nothing to listen on: 'port' and 'tls-port' are 0 and 'unixsocket' is not set, or no address of 'bind' could be used"
    )]
    Nothing,
}

/// The open sockets.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) tcp: Vec<std::net::TcpListener>,
    pub(crate) tls: Vec<std::net::TcpListener>,
    pub(crate) http: Vec<std::net::TcpListener>,
    pub(crate) unix: Option<std::os::unix::net::UnixListener>,
}

/// Opens every socket that the configuration names.
pub(crate) fn open(config: &Config) -> Result<Listeners, ListenError> {
    let tcp = open_port(config, id::BIND, id::PORT)?;
    let tls = open_port(config, id::BIND, id::TLS_PORT)?;
    let path = path(config, id::UNIXSOCKET);
    let unix = if path.as_os_str().is_empty() {
        None
    } else {
        let mode = config.integer(id::UNIXSOCKETPERM) as u32;
        Some(
            open_unix(path, mode, backlog(config))
                .map_err(|error| ListenError::Unix { path: path.to_owned(), error })?,
        )
    };
    if tcp.is_empty() && tls.is_empty() && unix.is_none() {
        return Err(ListenError::Nothing);
    }
    let http = open_port(config, id::HTTP_BIND, id::HTTP_PORT)?;
    Ok(Listeners { tcp, tls, http, unix })
}

/// Opens the port that one parameter says at every address that another says; none for port 0.
pub(crate) fn open_port(
    config: &Config,
    bind: ParameterId,
    port: ParameterId,
) -> Result<Vec<std::net::TcpListener>, ListenError> {
    let mut listeners = Vec::new();
    let number = config.integer(port) as u16;
    if number != 0 {
        for word in config.words(bind) {
            let word = String::from_utf8_lossy(word);
            listeners.extend(open_word(&word, number, backlog(config)).map_err(|error| {
                ListenError::Tcp {
                    address: format!("{}:{number}", word.strip_prefix('-').unwrap_or(&word)),
                    port,
                    error,
                }
            })?);
        }
    }
    Ok(listeners)
}

fn backlog(config: &Config) -> i32 {
    config.integer(id::TCP_BACKLOG) as i32
}

/// One word of `bind`: an address or name; `*` for every IPv4 and `::*` for every IPv6 address. With a `-` before it, it may be
/// unavailable on this machine.
fn open_word(word: &str, port: u16, backlog: i32) -> io::Result<Vec<std::net::TcpListener>> {
    let (name, is_optional) = word.strip_prefix('-').map_or((word, false), |name| (name, true));
    let opened = addresses(name, port).and_then(|addresses| {
        addresses.into_iter().map(|address| open_tcp(address, backlog)).collect::<io::Result<Vec<_>>>()
    });
    match opened {
        Err(error) if is_optional && is_unavailable(&error) => Ok(Vec::new()),
        opened => opened,
    }
}

fn addresses(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok(match name {
        "*" => vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)],
        "::*" => vec![SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port)],
        name => match name.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => (name, port).to_socket_addrs()?.collect(),
        },
    })
}

fn is_unavailable(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        || error.raw_os_error() == Some(libc::EAFNOSUPPORT)
}

fn open_tcp(address: SocketAddr, backlog: i32) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // Without this `::*` would take IPv4 as well, and `*` beside it could not be opened.
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    Ok(socket.into())
}

fn open_unix(path: &Path, mode: u32, backlog: i32) -> io::Result<std::os::unix::net::UnixListener> {
    remove_old_socket(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::unix(path)?)?;
    if mode != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    }
    socket.listen(backlog)?;
    Ok(socket.into())
}

/// Removes what an earlier server left behind. Anything but a socket is somebody's file.
fn remove_old_socket(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => std::fs::remove_file(path),
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "there is something else than a socket at this path; remove it or set 'unixsocket' to another path",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_left_behind_is_replaced_and_a_file_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kvd.sock");
        drop(open_unix(&path, 0o700, 16).expect("nothing is there"));
        drop(open_unix(&path, 0o700, 16).expect("only a socket is there"));
        std::fs::remove_file(&path).expect("it is there");
        std::fs::write(&path, "precious").expect("a file");
        let error = open_unix(&path, 0o700, 16).expect_err("a file is there");
        assert!(error.to_string().contains("something else than a socket"), "{error}");
        assert_eq!(std::fs::read(&path).expect("it is still there"), b"precious");
    }
}
