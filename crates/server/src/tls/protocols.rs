//! `tls-protocols`.

use config::{Config, id};
use tokio_rustls::rustls::SupportedProtocolVersion;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use super::error::TlsError;

/// The versions to speak. Older ones than 1.2 are known by name only: nobody should speak them, and rustls doesn't.
pub(super) fn versions(config: &Config) -> Result<Vec<&'static SupportedProtocolVersion>, TlsError> {
    let text = String::from_utf8_lossy(config.text(id::TLS_PROTOCOLS)).into_owned();
    let mut versions = Vec::new();
    let mut words = text.split([' ', ',']).filter(|word| !word.is_empty()).peekable();
    if words.peek().is_none() {
        return Ok(vec![&TLS12, &TLS13]);
    }
    for word in words {
        match word.to_ascii_lowercase().as_str() {
            "tlsv1" | "tlsv1.1" => {}
            "tlsv1.2" => versions.push(&TLS12),
            "tlsv1.3" => versions.push(&TLS13),
            _ => return Err(TlsError::Protocol(word.to_owned())),
        }
    }
    if versions.is_empty() { Err(TlsError::NoProtocol(text)) } else { Ok(versions) }
}

/// Whether a version is named that is never spoken.
pub(super) fn names_old(text: &[u8]) -> bool {
    text.split(|byte| b" ,".contains(byte))
        .any(|word| word.eq_ignore_ascii_case(b"tlsv1") || word.eq_ignore_ascii_case(b"tlsv1.1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::Origin;

    fn of(text: &str) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
        let mut config = Config::default();
        config.set(&[(b"tls-protocols", text.as_bytes())], Origin::Client).expect("any text is taken");
        versions(&config).map_err(|error| error.to_string())
    }

    #[test]
    fn without_words_both_versions_are_spoken() {
        assert_eq!(of(""), Ok(vec![&TLS12, &TLS13]));
        assert_eq!(of("  "), Ok(vec![&TLS12, &TLS13]));
    }

    #[test]
    fn words_choose_and_old_versions_are_left_out() {
        assert_eq!(of("TLSv1.2"), Ok(vec![&TLS12]));
        assert_eq!(of("TLSv1.1 tlsv1.3"), Ok(vec![&TLS13]));
    }

    #[test]
    fn nothing_left_and_unknown_words_are_errors() {
        assert!(of("TLSv1 TLSv1.1").is_err_and(|error| error.contains("leaves nothing to speak")));
        assert!(of("TLSv1.3 SSLv3").is_err_and(|error| error.contains("has the word SSLv3")));
    }
}
