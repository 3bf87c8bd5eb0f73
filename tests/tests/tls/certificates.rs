//! Certificates for one test, in files and as a client uses them.

use std::fs;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

/// A folder of certificates.
pub(crate) struct Folder(TempDir);

/// Signs certificates; its own is the file `NAME.crt`.
pub(crate) struct Authority {
    name: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Folder {
    /// `ca.crt`, and `server` and `client`, which it has signed.
    pub(crate) fn new() -> (Self, Authority) {
        let folder = Self(TempDir::new().unwrap());
        let authority = folder.authority("ca");
        folder.issue(&authority, "server");
        folder.issue(&authority, "client");
        (folder, authority)
    }

    pub(crate) fn path(&self, file: &str) -> String {
        self.0.path().join(file).to_str().unwrap().to_owned()
    }

    pub(crate) fn authority(&self, name: &str) -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap();
        self.write(&format!("{name}.crt"), &certificate.pem());
        Authority { name: name.to_owned(), issuer: Issuer::new(params, key) }
    }

    /// Writes `NAME.crt` and `NAME.key`, over former ones.
    pub(crate) fn issue(&self, authority: &Authority, name: &str) {
        let key = KeyPair::generate().unwrap();
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = params.signed_by(&key, &authority.issuer).unwrap();
        self.write(&format!("{name}.crt"), &certificate.pem());
        self.write(&format!("{name}.key"), &key.serialize_pem());
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    pub(crate) fn certificate(&self, name: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.path(&format!("{name}.crt"))).unwrap()
    }

    /// A client that trusts an authority, and shows the certificate of this name if there is one.
    pub(crate) fn client(&self, trusts: &Authority, shows: Option<&str>) -> Arc<ClientConfig> {
        let versions = tokio_rustls::rustls::ALL_VERSIONS;
        self.client_of_versions(trusts, shows, versions)
    }

    pub(crate) fn client_of_versions(
        &self,
        trusts: &Authority,
        shows: Option<&str>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate(&trusts.name)).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        Arc::new(match shows {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let key = PrivateKeyDer::from_pem_file(self.path(&format!("{name}.key"))).unwrap();
                builder.with_client_auth_cert(vec![self.certificate(name)], key).unwrap()
            }
        })
    }
}
