//! The scenarios.

use clap::ValueEnum;

use super::super::choice::Reach;
use super::super::judge::Broken;
use super::Round;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Killed while clients work.
    Plain,
    /// Killed while the log is written anew all the time.
    Rewrite,
    /// Killed while snapshots are written all the time.
    Bgsave,
    /// Killed while it loads.
    Loading,
    /// Killed, and the end of the log is cut off.
    Tail,
    /// A bit of a file is flipped.
    Flip,
    /// The disk is full for a while.
    Full,
    /// Stopped by SIGTERM.
    Stop,
}

impl Scenario {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::Rewrite,
        Self::Bgsave,
        Self::Loading,
        Self::Tail,
        Self::Flip,
        Self::Full,
        Self::Stop,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Rewrite => "rewrite",
            Self::Bgsave => "bgsave",
            Self::Loading => "loading",
            Self::Tail => "tail",
            Self::Flip => "flip",
            Self::Full => "full",
            Self::Stop => "stop",
        }
    }

    /// What notes must tell that it was done in some of several rounds.
    pub(crate) fn deed(self) -> Option<&'static str> {
        match self {
            Self::Plain | Self::Stop => None,
            Self::Rewrite => Some(super::rewrite::DEED),
            Self::Bgsave => Some(super::bgsave::DEED),
            Self::Loading => Some(super::loading::DEED),
            Self::Tail => Some(super::tail::DEED),
            Self::Flip => Some(super::flip::DEED),
            Self::Full => Some(super::full::DEED),
        }
    }

    /// Where clients reach. One wrong bit may make a whole database wrong, if what stands there is carried on.
    pub(crate) fn reach(self) -> Reach {
        if self == Self::Flip { Reach::OneKey } else { Reach::Everywhere }
    }

    /// Whether a round may begin with the directory that another has left.
    pub(crate) fn keeps_directory(self) -> bool {
        !matches!(self, Self::Flip | Self::Full)
    }

    /// Lets it happen once.
    pub(crate) fn round(self, round: &mut Round<'_>) -> Result<(), Broken> {
        match self {
            Self::Plain => super::plain::round(round),
            Self::Rewrite => super::rewrite::round(round),
            Self::Bgsave => super::bgsave::round(round),
            Self::Loading => super::loading::round(round),
            Self::Tail => super::tail::round(round),
            Self::Flip => super::flip::round(round),
            Self::Full => super::full::round(round),
            Self::Stop => super::stop::round(round),
        }
    }
}
