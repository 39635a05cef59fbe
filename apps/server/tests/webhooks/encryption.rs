//! Encrypted receivers: believed only for who they are.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use huike_persistence::db_test;
use huike_server::webhooks::{Resolve, Resolved, Sender, trust};
use huike_webhooks::DeliveryState;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use crate::stage::{Stage, thing, until};

/// Every name is this machine.
struct Here;

impl Resolve for Here {
    fn resolve<'a>(&'a self, _name: &'a str) -> Resolved<'a> {
        Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) })
    }
}

/// A receiver with a certificate for that name, of an authority of our own; where it is, and the authority as PEM.
fn receiver(name: &str) -> (SocketAddr, String) {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let config = Arc::new(config);
    // It ends with the process; nobody calls it after the test.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            drop(answer(StreamOwned::new(connection, stream)));
        }
    });
    (address, authority.pem())
}

fn answer(mut stream: impl Read + Write) -> std::io::Result<()> {
    let mut reader = BufReader::new(&mut stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?;
    stream.flush()
}

db_test! {
    fn a_receiver_of_an_authority_in_the_file_is_believed_for_its_own_name_only(database) {
        let stage = Stage::on(database);
        let (address, authority) = receiver("hooks.example");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        std::fs::write(&file, authority).unwrap();
        let [right, wrong] = ["hooks.example", "other.example"]
            .map(|name| stage.hook(&format!("https://{name}:{}/in", address.port())));
        stage.event(thing(), 1);
        let _sending = stage.start_with(Sender::new(Arc::new(Here), trust(Some(&file)).unwrap(), true));
        until("it is delivered", || stage.count(&right, DeliveryState::Delivered) == 1);
        assert_eq!(stage.attempted(&wrong, 1, 1).error.as_deref(), Some("tls_failed"));
    }

    fn a_receiver_of_an_authority_nobody_knows_is_told_nothing(database) {
        let stage = Stage::on(database);
        let (address, _authority) = receiver("hooks.example");
        let hook = stage.hook(&format!("https://hooks.example:{}/in", address.port()));
        stage.event(thing(), 1);
        let _sending = stage.start_with(Sender::new(Arc::new(Here), trust(None).unwrap(), true));
        assert_eq!(stage.attempted(&hook, 1, 1).error.as_deref(), Some("tls_failed"));
    }

    fn who_speaks_plainly_at_an_encrypted_address_is_told_nothing(database) {
        let stage = Stage::on(database);
        let target = crate::target::Target::willing();
        let hook = stage.hook(&format!("https://hooks.example:{}/in", target.address.port()));
        stage.event(thing(), 1);
        let sender = Sender::new(Arc::new(Here), trust(None).unwrap(), true);
        let _sending = stage.start_with(sender.with_call_max(std::time::Duration::from_secs(2)));
        let error = stage.attempted(&hook, 1, 1).error;
        assert!(matches!(error.as_deref(), Some("tls_failed" | "timed_out")), "{error:?}");
        assert!(target.heard().is_empty());
    }
}
