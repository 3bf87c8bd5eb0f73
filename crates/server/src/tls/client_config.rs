//! The other side: what kvd shows and wants where it connects to another server, such as a primary or a node of its cluster.

use std::sync::Arc;

use config::{Config, id};
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use super::error::TlsError;
use super::server_config::{identity, provider};
use super::{files, protocols};

/// Builds the client's side of TLS from the server's parameters.
///
/// `tls-client-cert-file` and `tls-client-key-file` are shown to the other side; without the first, the server's own certificate and
/// key. Its certificate must come from an authority of `tls-ca-cert-file` or `tls-ca-cert-dir`. As with Redis, the name in it doesn't
/// matter: nodes know each other by addresses that come and go.
pub fn client_config(config: &Config) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(provider(config));
    let roots = Arc::new(files::authorities(config)?);
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider))
        .build()
        .map_err(|_| TlsError::NoAuthority)?;
    let (certificate, key) = match files::named(config, id::TLS_CLIENT_CERT_FILE) {
        Some(_) => identity(config, id::TLS_CLIENT_CERT_FILE, id::TLS_CLIENT_KEY_FILE)?,
        None => identity(config, id::TLS_CERT_FILE, id::TLS_KEY_FILE)?,
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&protocols::versions(config)?)
        .map_err(TlsError::Combination)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyName(verifier)));
    builder
        .with_client_auth_cert(files::chain(&certificate)?, files::key(&key)?)
        .map(Arc::new)
        .map_err(|error| TlsError::of_pair(certificate, key, error))
}

/// Checks certificates as usual, but for the name.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The name is looked at last: whoever gets this error has passed the rest.
        match self.0.verify_server_cert(certificate, chain, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use config::Origin;
    use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
    use rcgen::{
        BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    };
    use tokio_rustls::rustls::{ClientConnection, ServerConnection};

    use super::*;
    use crate::tls::server_config::server_config;

    /// Writes `NAME.crt` and `NAME.key`, signed by an authority whose certificate is `NAME-ca.crt`.
    fn issue(folder: &Path, name: &str, usages: &[ExtendedKeyUsagePurpose]) {
        let authority = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, format!("authority of {name}"));
        let root = params.self_signed(&authority).expect("a certificate");
        let key = KeyPair::generate().expect("a key");
        let mut leaf = CertificateParams::new([format!("{name}.example")]).expect("a name");
        leaf.extended_key_usages = usages.to_vec();
        let leaf = leaf.signed_by(&key, &Issuer::new(params, authority)).expect("a certificate");
        let files = [("-ca.crt", root.pem()), (".crt", leaf.pem()), (".key", key.serialize_pem())];
        for (end, text) in files {
            std::fs::write(folder.join(format!("{name}{end}")), text).expect("a file");
        }
    }

    fn config(folder: &Path, files: &[(&str, &str)]) -> Config {
        let mut config = Config::default();
        for (parameter, file) in files {
            let path = folder.join(file).display().to_string();
            config.set(&[(parameter.as_bytes(), path.as_bytes())], Origin::File).expect("any path is taken");
        }
        config
    }

    /// Shakes hands in memory.
    fn shake(client: &Config, server: &Config) -> Result<(), Error> {
        const ROUNDS_MAX: usize = 10;
        let name = ServerName::try_from("192.0.2.1").expect("an address");
        let client = client_config(client).expect("a client");
        let server = server_config(server).expect("a server");
        let mut client = ClientConnection::new(client, name).expect("a client");
        let mut server = ServerConnection::new(Arc::new(server)).expect("a server");
        for _ in 0..ROUNDS_MAX {
            let mut bytes = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut bytes).expect("memory takes all");
            }
            while !bytes.is_empty() {
                let count = server.read_tls(&mut &bytes[..]).expect("memory gives all");
                bytes.drain(..count);
                server.process_new_packets()?;
            }
            while server.wants_write() {
                server.write_tls(&mut bytes).expect("memory takes all");
            }
            while !bytes.is_empty() {
                let count = client.read_tls(&mut &bytes[..]).expect("memory gives all");
                bytes.drain(..count);
                client.process_new_packets()?;
            }
        }
        assert!(!client.is_handshaking() && !server.is_handshaking());
        Ok(())
    }

    #[test]
    fn the_clients_own_certificate_is_shown_or_else_the_servers() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        issue(folder, "server", &[ServerAuth]);
        issue(folder, "client", &[ClientAuth]);
        let own = [("tls-cert-file", "server.crt"), ("tls-key-file", "server.key")];
        let server = config(folder, &[own[0], own[1], ("tls-ca-cert-file", "client-ca.crt")]);
        let fallback = [own[0], own[1], ("tls-ca-cert-file", "server-ca.crt")];
        let refused = shake(&config(folder, &fallback), &server).expect_err("a server's certificate only");
        assert!(matches!(refused, Error::InvalidCertificate(_)), "{refused}");
        let mut client = fallback.to_vec();
        client.extend([("tls-client-cert-file", "client.crt"), ("tls-client-key-file", "client.key")]);
        assert_eq!(shake(&config(folder, &client), &server), Ok(()));
    }

    #[test]
    fn a_server_of_another_authority_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        issue(folder, "server", &[ServerAuth, ClientAuth]);
        issue(folder, "client", &[ServerAuth, ClientAuth]);
        let server = [("tls-cert-file", "server.crt"), ("tls-key-file", "server.key")];
        let server = config(folder, &[server[0], server[1], ("tls-ca-cert-file", "client-ca.crt")]);
        let client = [("tls-cert-file", "client.crt"), ("tls-key-file", "client.key")];
        let client = config(folder, &[client[0], client[1], ("tls-ca-cert-file", "client-ca.crt")]);
        let refused = shake(&client, &server).expect_err("the client doesn't know server-ca.crt");
        assert_eq!(refused, Error::InvalidCertificate(CertificateError::UnknownIssuer));
    }

    #[test]
    fn authorities_and_a_certificate_must_be_there() {
        let folder = tempfile::tempdir().expect("a folder");
        issue(folder.path(), "server", &[ServerAuth]);
        let text = |files: &[(&str, &str)]| {
            client_config(&config(folder.path(), files)).expect_err("something is missing").to_string()
        };
        assert!(text(&[]).starts_with("neither 'tls-ca-cert-file'"));
        let ca = ("tls-ca-cert-file", "server-ca.crt");
        assert_eq!(text(&[ca]), "'tls-cert-file' is not set, and TLS needs it");
        assert_eq!(
            text(&[ca, ("tls-client-cert-file", "server.crt")]),
            "'tls-client-key-file' is not set, and TLS needs it"
        );
    }
}
