//! What the server shows clients and wants of them, from its parameters and the files that they name.

use std::sync::Arc;

use config::{Config, id};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{Error, ServerConfig};

use super::error::TlsError;
use super::{files, protocols, sessions, suites};

/// Reads the files and builds the server's side of TLS.
pub(super) fn server_config(config: &Config) -> Result<ServerConfig, TlsError> {
    let certificate = files::named(config, id::TLS_CERT_FILE).ok_or(TlsError::NotSet(id::TLS_CERT_FILE))?;
    let key = files::named(config, id::TLS_KEY_FILE).ok_or(TlsError::NotSet(id::TLS_KEY_FILE))?;
    let provider = Arc::new(provider(config));
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&protocols::versions(config)?)
        .map_err(TlsError::Combination)?;
    let builder = match client_verifier(config, provider)? {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut server = builder.with_single_cert(files::chain(&certificate)?, files::key(&key)?).map_err(
        |error| match error {
            Error::InconsistentKeys(_) => TlsError::Mismatch { key, certificate },
            error => TlsError::Unusable { certificate, key, error: Box::new(error) },
        },
    )?;
    server.ignore_client_order = config.boolean(id::TLS_PREFER_SERVER_CIPHERS);
    sessions::keep(&mut server, config);
    Ok(server)
}

/// The algorithms. They are named here rather than taken from the process: a second provider somewhere in a program would
/// make that choice a panic.
fn provider(config: &Config) -> CryptoProvider {
    CryptoProvider { cipher_suites: suites::suites(config), ..ring::default_provider() }
}

/// Who checks clients' certificates (`tls-auth-clients`), if anybody does.
fn client_verifier(
    config: &Config,
    provider: Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
    let wanted = config.choice(id::TLS_AUTH_CLIENTS);
    if wanted == "no" {
        return Ok(None);
    }
    let roots = Arc::new(files::authorities(config)?);
    let builder = WebPkiClientVerifier::builder_with_provider(roots, provider);
    let builder = if wanted == "optional" { builder.allow_unauthenticated() } else { builder };
    // Without lists of revoked certificates only a lack of authorities can be wrong, and there are some.
    builder.build().map(Some).map_err(|_| TlsError::NoAuthority)
}
