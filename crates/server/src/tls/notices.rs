//! What holds where kvd doesn't do what a TLS parameter says.

use config::{Config, ParameterId, id};

use super::{protocols, suites};

/// A line for the log, if the parameter's value isn't followed to the letter.
pub(super) fn notice(config: &Config, parameter: ParameterId) -> Option<String> {
    match parameter {
        id::TLS_CIPHERS | id::TLS_CIPHERSUITES => suites::notice(config, parameter),
        id::TLS_PROTOCOLS if protocols::names_old(config.text(parameter)) => {
            Some("'tls-protocols': TLSv1 and TLSv1.1 are not spoken, only TLSv1.2 and TLSv1.3".to_owned())
        }
        _ => None,
    }
}
