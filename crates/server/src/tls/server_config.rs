//! What the server shows clients and wants of them, from its parameters and the files that they name.

use std::sync::Arc;

use config::{Config, ParameterId, id};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;

use super::error::{Named, TlsError};
use super::{files, protocols, sessions, suites};

/// Reads the files and builds the server's side of TLS.
pub(super) fn server_config(config: &Config) -> Result<ServerConfig, TlsError> {
    let (certificate, key) = identity(config, id::TLS_CERT_FILE, id::TLS_KEY_FILE)?;
    let provider = Arc::new(provider(config));
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&protocols::versions(config)?)
        .map_err(TlsError::Combination)?;
    let builder = match client_verifier(config, provider)? {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut server = builder
        .with_single_cert(files::chain(&certificate)?, files::key(&key)?)
        .map_err(|error| TlsError::of_pair(certificate, key, error))?;
    server.ignore_client_order = config.boolean(id::TLS_PREFER_SERVER_CIPHERS);
    sessions::keep(&mut server, config);
    Ok(server)
}

/// The files of a certificate and its key; both must be named.
pub(super) fn identity(
    config: &Config,
    certificate: ParameterId,
    key: ParameterId,
) -> Result<(Named, Named), TlsError> {
    let named = |parameter| files::named(config, parameter).ok_or(TlsError::NotSet(parameter));
    Ok((named(certificate)?, named(key)?))
}

/// The algorithms. They are named here rather than taken from the process: a second provider somewhere in a program would
/// make that choice a panic.
pub(super) fn provider(config: &Config) -> CryptoProvider {
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
