//! What can be wrong with certificates, keys, and the parameters that name them.

use std::fmt;
use std::io;
use std::path::PathBuf;

use config::ParameterId;
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::pem;

use crate::process::reason;

/// Why TLS can't be had as the configuration says.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A parameter is missing.
    #[error("'{}' is not set, and TLS needs it", .0.row().name)]
    NotSet(ParameterId),
    /// A file or folder can't be read.
    #[error("could not read {named}: {}", reason(.error))]
    Read {
        /// Which.
        named: Named,
        /// Why.
        error: io::Error,
    },
    /// A file is larger than any that makes sense.
    #[error("{named} has more than {bytes_max} bytes")]
    TooLarge {
        /// Which.
        named: Named,
        /// The bound.
        bytes_max: u64,
    },
    /// A folder has more files than any that makes sense.
    #[error("{named} has more than {files_max} files")]
    TooMany {
        /// Which.
        named: Named,
        /// The bound.
        files_max: usize,
    },
    /// A file has the marks of PEM, and something else between them.
    #[error("{named} is damaged: {error}")]
    Pem {
        /// Which.
        named: Named,
        /// How.
        error: pem::Error,
    },
    /// No certificate where one must be.
    #[error("{0} holds no certificate in PEM format")]
    NoCertificate(Named),
    /// No key where one must be.
    #[error("{0} holds no private key in PEM format")]
    NoKey(Named),
    /// A key that needs a password.
    #[error(
        "{0} holds an encrypted key, and kvd reads plain ones only: decrypt it with 'openssl pkey -in FILE -out NEWFILE' and let nobody else read that file"
    )]
    Encrypted(Named),
    /// A key and a certificate of different pairs.
    #[error("{key} is not the key of the certificate in {certificate}")]
    Mismatch {
        /// The key.
        key: Named,
        /// The certificate.
        certificate: Named,
    },
    /// A certificate that must not be shown, or a key of an unknown kind.
    #[error("{certificate} with {key} can't be used: {}", explained(.error))]
    Unusable {
        /// The certificate.
        certificate: Named,
        /// The key.
        key: Named,
        /// Why.
        error: Box<rustls::Error>,
    },
    /// A certificate that can't be an authority's.
    #[error("a certificate in {named} can't be used: {}", explained(.error))]
    Authority {
        /// The file.
        named: Named,
        /// Why.
        error: rustls::Error,
    },
    /// Certificates are to be checked, and nothing is there to check them by.
    #[error(
        "neither 'tls-ca-cert-file' nor 'tls-ca-cert-dir' is set: without an authority's certificate no other can be checked (for clients' see 'tls-auth-clients')"
    )]
    NoAuthority,
    /// An unknown version.
    #[error("'tls-protocols' has the word {0}: use TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3")]
    Protocol(String),
    /// Old versions only.
    #[error("'tls-protocols {0}' leaves nothing to speak: kvd speaks TLSv1.2 and TLSv1.3")]
    NoProtocol(String),
    /// Each parameter is fine, and all together leave nothing to agree on.
    #[error("this combination of TLS parameters can't be used: {0}")]
    Combination(rustls::Error),
}

impl TlsError {
    /// What rustls has against a certificate with a key.
    pub(super) fn of_pair(certificate: Named, key: Named, error: rustls::Error) -> Self {
        match error {
            rustls::Error::InconsistentKeys(_) => Self::Mismatch { key, certificate },
            error => Self::Unusable { certificate, key, error: Box::new(error) },
        }
    }
}

/// rustls's words, but for the fault that certificates made by hand have most often.
fn explained(error: &rustls::Error) -> String {
    let text = error.to_string();
    if text.contains("UnsupportedCertVersion") {
        "it is an X.509 certificate of version 1, and version 3 is needed, which has extensions (openssl x509 -req -extfile FILE)".to_owned()
    } else {
        text
    }
}

/// A file or folder, and the parameter that names it.
#[derive(Clone, Debug)]
pub struct Named {
    /// The parameter.
    pub parameter: ParameterId,
    /// The path, as it is written there.
    pub path: PathBuf,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' {}", self.parameter.row().name, self.path.display())
    }
}
