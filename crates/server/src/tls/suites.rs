//! `tls-ciphers` and `tls-ciphersuites`, as far as they are lists of names.
//!
//! OpenSSL's `tls-ciphers` is a small language (`HIGH:!aNULL:@STRENGTH`) whose words choose among a hundred suites, old ones
//! included. Of those kvd has the six of TLS 1.2 that are still good, so the words have nothing to choose; names of suites do,
//! and are followed.

use config::{Config, ParameterId, id};
use tokio_rustls::rustls::SupportedCipherSuite;
use tokio_rustls::rustls::crypto::ring::cipher_suite as ring;

/// The suites of TLS 1.2 by OpenSSL's names, the best first.
static OF_TLS12: [(&str, &SupportedCipherSuite); 6] = [
    ("ECDHE-ECDSA-AES256-GCM-SHA384", &ring::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
    ("ECDHE-ECDSA-AES128-GCM-SHA256", &ring::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", &ring::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
    ("ECDHE-RSA-AES256-GCM-SHA384", &ring::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
    ("ECDHE-RSA-AES128-GCM-SHA256", &ring::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
    ("ECDHE-RSA-CHACHA20-POLY1305", &ring::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
];

/// The suites of TLS 1.3.
static OF_TLS13: [(&str, &SupportedCipherSuite); 3] = [
    ("TLS_AES_256_GCM_SHA384", &ring::TLS13_AES_256_GCM_SHA384),
    ("TLS_AES_128_GCM_SHA256", &ring::TLS13_AES_128_GCM_SHA256),
    ("TLS_CHACHA20_POLY1305_SHA256", &ring::TLS13_CHACHA20_POLY1305_SHA256),
];

type Table = [(&'static str, &'static SupportedCipherSuite)];

/// What one of the two parameters says.
struct Choice {
    suites: Vec<SupportedCipherSuite>,
    /// Words that name no suite of kvd's.
    unknown: Vec<String>,
}

/// The suites to offer, in the order of the parameters. A parameter that names none of them leaves all of its version.
pub(super) fn suites(config: &Config) -> Vec<SupportedCipherSuite> {
    let mut suites = choose(config, id::TLS_CIPHERSUITES).suites;
    suites.extend(choose(config, id::TLS_CIPHERS).suites);
    suites
}

/// What holds instead of words that aren't followed.
pub(super) fn notice(config: &Config, parameter: ParameterId) -> Option<String> {
    let Choice { unknown, .. } = choose(config, parameter);
    let names: Vec<&str> = table(parameter).iter().map(|(name, _)| *name).collect();
    let name = parameter.row().name;
    (!unknown.is_empty()).then(|| {
        format!(
            "'{name}': {} is not followed; the names that kvd knows are {}",
            unknown.join(", "),
            names.join(", ")
        )
    })
}

fn table(parameter: ParameterId) -> &'static Table {
    if parameter == id::TLS_CIPHERS { &OF_TLS12 } else { &OF_TLS13 }
}

fn choose(config: &Config, parameter: ParameterId) -> Choice {
    let text = String::from_utf8_lossy(config.text(parameter));
    let table = table(parameter);
    let mut suites: Vec<SupportedCipherSuite> = Vec::new();
    let mut unknown = Vec::new();
    for word in text.split([':', ',', ' ']).filter(|word| !word.is_empty()) {
        match table.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
            Some((_, suite)) if suites.contains(suite) => {}
            Some((_, suite)) => suites.push(**suite),
            None => unknown.push(word.to_owned()),
        }
    }
    if suites.is_empty() {
        suites.extend(table.iter().map(|(_, suite)| **suite));
    }
    Choice { suites, unknown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::Origin;

    fn config(ciphers: &str, ciphersuites: &str) -> Config {
        let mut config = Config::default();
        let pairs: [(&[u8], &[u8]); 2] =
            [(b"tls-ciphers", ciphers.as_bytes()), (b"tls-ciphersuites", ciphersuites.as_bytes())];
        config.set(&pairs, Origin::Client).expect("any text is taken");
        config
    }

    #[test]
    fn without_words_all_suites_are_offered() {
        let all = suites(&config("", ""));
        assert_eq!(all.len(), 9);
        assert!(
            tokio_rustls::rustls::crypto::ring::ALL_CIPHER_SUITES.iter().all(|suite| all.contains(suite))
        );
    }

    #[test]
    fn named_suites_are_offered_in_their_order() {
        let config = config(
            "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256",
            "TLS_CHACHA20_POLY1305_SHA256",
        );
        let wanted = [
            ring::TLS13_CHACHA20_POLY1305_SHA256,
            ring::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            ring::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        ];
        assert_eq!(suites(&config), wanted);
        assert_eq!(notice(&config, id::TLS_CIPHERS), None);
    }

    #[test]
    fn words_that_name_no_suite_are_told_and_leave_all() {
        let config = config("HIGH:!aNULL", "");
        assert_eq!(suites(&config).len(), 9);
        let notice = notice(&config, id::TLS_CIPHERS).expect("there is something to tell");
        assert!(notice.contains("HIGH, !aNULL is not followed"), "{notice}");
    }
}
