//! Units of length.

/// What a distance is counted in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// `m`
    Metre,
    /// `km`
    Kilometre,
    /// `ft`
    Foot,
    /// `mi`
    Mile,
}

impl Unit {
    /// The unit of this name, in any case.
    pub fn named(name: &[u8]) -> Option<Self> {
        const NAMES: [(&[u8], Unit); 4] =
            [(b"m", Unit::Metre), (b"km", Unit::Kilometre), (b"ft", Unit::Foot), (b"mi", Unit::Mile)];
        NAMES.iter().find(|(of, _)| name.eq_ignore_ascii_case(of)).map(|(_, unit)| *unit)
    }

    /// How many metres it is.
    pub fn metres(self) -> f64 {
        match self {
            Self::Metre => 1.0,
            Self::Kilometre => 1000.0,
            Self::Foot => 0.3048,
            Self::Mile => 1609.34,
        }
    }
}
