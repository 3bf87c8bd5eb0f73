//! Who started the process and wants to know how it is (`supervised`).

use config::{Config, id};
use sd_notify::NotifyState;

/// Where systemd says that it listens.
const SOCKET_VARIABLE: &str = "NOTIFY_SOCKET";

/// The supervisor, if there is one that listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Supervisor {
    /// Nobody wants to know.
    Nobody,
    /// systemd, in a service of `Type=notify`.
    Systemd,
}

impl Supervisor {
    /// The supervisor that the configuration names or, for `auto`, that is there.
    pub(crate) fn of(config: &Config) -> Self {
        #[expect(clippy::disallowed_methods, reason = "systemd says in the environment that it listens")]
        let is_there = std::env::var_os(SOCKET_VARIABLE).is_some_and(|socket| !socket.is_empty());
        match config.choice(id::SUPERVISED) {
            "systemd" | "auto" if is_there => Self::Systemd,
            "systemd" => {
                tracing::warn!(
                    "'supervised systemd', but systemd doesn't listen ({SOCKET_VARIABLE} is not set): is the service of Type=notify?"
                );
                Self::Nobody
            }
            "upstart" => {
                tracing::warn!("'supervised upstart' is accepted but has no effect: kvd tells systemd only");
                Self::Nobody
            }
            _ => Self::Nobody,
        }
    }

    /// How INFO calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nobody => "no",
            Self::Systemd => "systemd",
        }
    }

    /// Clients can connect. The log says so in the peers' words, for which scripts and test harnesses wait.
    pub(crate) fn ready(self) {
        tracing::info!("Ready to accept connections");
        self.tell(&[NotifyState::Status("Ready to accept connections"), NotifyState::Ready]);
    }

    /// The server was asked to stop.
    pub(crate) fn stopping(self) {
        self.tell(&[NotifyState::Status("Stopping"), NotifyState::Stopping]);
    }

    fn tell(self, state: &[NotifyState<'_>]) {
        if self == Self::Systemd
            && let Err(error) = sd_notify::notify(state)
        {
            tracing::warn!("could not tell systemd how kvd is: {error}");
        }
    }
}
