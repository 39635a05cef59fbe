//! The public key inside a certificate or a public-key file: so much of DER, and no more.
//!
//! What is read here came sealed from WeChat Pay or from the merchant's own settings; whether it is to be believed was decided
//! before. Anything unexpected is `None`.

use super::hex::hex;

/// `rsaEncryption`, 1.2.840.113549.1.1.1.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_ID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// What is needed of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    /// Its serial number in upper-case hexadecimal, as WeChat Pay writes it.
    pub(super) serial: String,
    /// The key, as PKCS#1.
    pub(super) public_key: Vec<u8>,
}

/// The serial number and the RSA key of an X.509 certificate.
pub(super) fn read_certificate(der: &[u8]) -> Option<Certificate> {
    let (certificate, rest) = take(der, SEQUENCE)?;
    let (signed, _signature) = take(certificate, SEQUENCE)?;
    let (_version, inside) = take(signed, VERSION)?;
    let (serial, inside) = take(inside, INTEGER)?;
    let (_algorithm, inside) = take(inside, SEQUENCE)?;
    let (_issuer, inside) = take(inside, SEQUENCE)?;
    let (_validity, inside) = take(inside, SEQUENCE)?;
    let (_subject, inside) = take(inside, SEQUENCE)?;
    let (key, _extensions) = take(inside, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    let digits = serial.strip_prefix(&[0]).unwrap_or(serial);
    let serial = hex(digits).to_uppercase();
    Some(Certificate { serial, public_key: read_key(key)?.to_vec() })
}

/// The RSA key of a `SubjectPublicKeyInfo`, as PKCS#1.
pub(super) fn read_public_key(der: &[u8]) -> Option<Vec<u8>> {
    let (info, rest) = take(der, SEQUENCE)?;
    if rest.is_empty() { Some(read_key(info)?.to_vec()) } else { None }
}

fn read_key(info: &[u8]) -> Option<&[u8]> {
    let (algorithm, inside) = take(info, SEQUENCE)?;
    let (name, _parameters) = take(algorithm, OBJECT_ID)?;
    let (bits, rest) = take(inside, BIT_STRING)?;
    // The first byte says how many bits of the last one do not count: none, in a key.
    if name == RSA && rest.is_empty() { bits.strip_prefix(&[0]) } else { None }
}

/// The content of the element that comes next, which must have this tag, and what follows it.
fn take(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, input) = input.split_first()?;
    let (&first, input) = input.split_first()?;
    let (length, input) = match first {
        0..=0x7f => (usize::from(first), input),
        0x81 => {
            let (&length, input) = input.split_first()?;
            (usize::from(length), input)
        }
        0x82 => {
            let (length, input) = input.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), input)
        }
        _ => return None,
    };
    if found == tag { input.split_at_checked(length) } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio_rustls::rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, pem::PemObject};

    use super::*;

    const CERTIFICATE: &[u8] = include_bytes!("../testing/keys/platform_a.cert.pem");
    const PUBLIC_KEY: &[u8] = include_bytes!("../testing/keys/public_key.pub.pem");

    #[test]
    fn a_certificate_gives_its_serial_and_its_key() {
        let der = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
        let read = read_certificate(&der).unwrap();
        assert_eq!(read.serial, crate::testing::SERIAL_A);
        // A key of 2048 bits: two numbers, one of 257 bytes with its sign, the other 65537.
        assert_eq!(read.public_key.len(), 270);
        assert!(read.public_key.ends_with(&[2, 3, 1, 0, 1]));
    }

    #[test]
    fn a_public_key_is_read_and_a_certificate_is_none() {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(PUBLIC_KEY).unwrap();
        assert_eq!(read_public_key(&der).unwrap().len(), 270);
        assert_eq!(read_certificate(&der), None);
        assert_eq!(read_public_key(&CertificateDer::from_pem_slice(CERTIFICATE).unwrap()), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), cut: prop::sample::Index, flip: prop::sample::Index) {
            let _ = (read_certificate(&bytes), read_public_key(&bytes));
            let mut der = CertificateDer::from_pem_slice(CERTIFICATE).unwrap().to_vec();
            prop_assert_eq!(read_certificate(&der[..cut.index(der.len())]), None);
            let at = flip.index(der.len());
            der[at] ^= 1;
            let _ = read_certificate(&der);
        }
    }
}
