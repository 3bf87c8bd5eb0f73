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
pub(crate) enum TlsError {
    #[error("'{}' is not set, and TLS needs it", .0.row().name)]
    NotSet(ParameterId),
    #[error("could not read {named}: {}", reason(.error))]
    Read { named: Named, error: io::Error },
    #[error("{named} has more than {bytes_max} bytes")]
    TooLarge { named: Named, bytes_max: u64 },
    #[error("{named} has more than {files_max} files")]
    TooMany { named: Named, files_max: usize },
    #[error("{named} is damaged: {error}")]
    Pem { named: Named, error: pem::Error },
    #[error("{0} holds no certificate in PEM format")]
    NoCertificate(Named),
    #[error("{0} holds no private key in PEM format")]
    NoKey(Named),
    #[error(
        "{0} holds an encrypted key, and kvd reads plain ones only: decrypt it with 'openssl pkey -in FILE -out NEWFILE' and let nobody else read that file"
    )]
    Encrypted(Named),
    #[error("{key} is not the key of the certificate in {certificate}")]
    Mismatch { key: Named, certificate: Named },
    #[error("{certificate} and {key} can't be used: {error}")]
    Unusable { certificate: Named, key: Named, error: Box<rustls::Error> },
    #[error("a certificate in {named} can't be used: {error}")]
    Authority { named: Named, error: rustls::Error },
    #[error(
        "neither 'tls-ca-cert-file' nor 'tls-ca-cert-dir' is set: without the certificate of an authority no client's can be checked, as 'tls-auth-clients' asks for"
    )]
    NoAuthority,
    #[error("'tls-protocols' has the word {0}: use TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3")]
    Protocol(String),
    #[error("'tls-protocols {0}' leaves nothing to speak: kvd speaks TLSv1.2 and TLSv1.3")]
    NoProtocol(String),
    #[error("this combination of TLS parameters can't be used: {0}")]
    Combination(rustls::Error),
}

/// A file or folder, and the parameter that names it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) parameter: ParameterId,
    pub(crate) path: PathBuf,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' {}", self.parameter.row().name, self.path.display())
    }
}
