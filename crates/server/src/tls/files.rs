//! Certificates and keys from files.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;

use config::{Config, ParameterId, id};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::error::{Named, TlsError};
use crate::paths::path;

/// The largest file that is read: all authorities that the world trusts are a quarter of a megabyte.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// The most files of a folder that are read; /etc/ssl/certs has some 300.
const FOLDER_FILES_MAX: usize = 4096;

/// The file that a parameter names, if it names one.
pub(super) fn named(config: &Config, parameter: ParameterId) -> Option<Named> {
    let path = path(config, parameter);
    (!path.as_os_str().is_empty()).then(|| Named { parameter, path: path.to_owned() })
}

/// A certificate and those that lead from it to its authority.
pub(super) fn chain(named: &Named) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain = certificates(named, &read(named)?)?;
    if chain.is_empty() { Err(TlsError::NoCertificate(named.clone())) } else { Ok(chain) }
}

/// The first private key of a file: PKCS#8, PKCS#1 or SEC1.
pub(super) fn key(named: &Named) -> Result<PrivateKeyDer<'static>, TlsError> {
    const ENCRYPTED: &[u8] = b"ENCRYPTED";
    let text = read(named)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        if text.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED) {
            TlsError::Encrypted(named.clone())
        } else if matches!(error, pem::Error::NoItemsFound) {
            TlsError::NoKey(named.clone())
        } else {
            TlsError::Pem { named: named.clone(), error }
        }
    })
}

/// The authorities of `tls-ca-cert-file` and `tls-ca-cert-dir` together.
pub(super) fn authorities(config: &Config) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = named(config, id::TLS_CA_CERT_FILE) {
        for certificate in chain(&file)? {
            roots.add(certificate).map_err(|error| TlsError::Authority { named: file.clone(), error })?;
        }
    }
    if let Some(folder) = named(config, id::TLS_CA_CERT_DIR) {
        add_folder(&mut roots, &folder)?;
        if roots.is_empty() {
            return Err(TlsError::NoCertificate(folder));
        }
    }
    if roots.is_empty() { Err(TlsError::NoAuthority) } else { Ok(roots) }
}

/// Every certificate in the files of a folder, whatever the files are called. OpenSSL looks at names made by `c_rehash` only; a
/// folder made for it has no others that matter. As with OpenSSL, a bad file is no reason to do without the good ones.
fn add_folder(roots: &mut RootCertStore, folder: &Named) -> Result<(), TlsError> {
    let failed = |error| TlsError::Read { named: folder.clone(), error };
    let entries = fs::read_dir(&folder.path).map_err(failed)?.take(FOLDER_FILES_MAX + 1);
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>().map_err(failed)?;
    if paths.len() > FOLDER_FILES_MAX {
        return Err(TlsError::TooMany { named: folder.clone(), files_max: FOLDER_FILES_MAX });
    }
    paths.retain(|path| path.is_file());
    for path in paths {
        let file = Named { parameter: folder.parameter, path };
        match read(&file).and_then(|text| certificates(&file, &text)) {
            Ok(certificates) => {
                let count = certificates.len();
                let (added, _) = roots.add_parsable_certificates(certificates);
                if added < count {
                    tracing::warn!("{file}: {} of {count} certificates can't be used", count - added);
                }
            }
            Err(error) => tracing::warn!("{error}"),
        }
    }
    Ok(())
}

fn certificates(named: &Named, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::Pem { named: named.clone(), error })
}

fn read(named: &Named) -> Result<Vec<u8>, TlsError> {
    let mut text = Vec::new();
    File::open(&named.path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut text))
        .map_err(|error| TlsError::Read { named: named.clone(), error })?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(TlsError::TooLarge { named: named.clone(), bytes_max: FILE_BYTES_MAX });
    }
    Ok(text)
}
