//! Over TLS, as it is in earnest: a fake behind a certificate of its own.

use std::{net::Ipv4Addr, sync::Arc};

use huike_kernel::SystemClock;
use huike_payments::{
    PaymentPrompt, PaymentProvider, Trouble, WriteError,
    testing::{FakeWechat, SystemRandom},
    wechat::{Origin, WechatPay, WechatSettings, own_tls},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::ask;

/// Takes encrypted calls for the fake, and says where and whom to believe.
async fn encrypt(fake: &FakeWechat) -> (Origin, Arc<ClientConfig>) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(ring::default_provider());
    let server =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let server = server.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let origin = Origin::parse(&format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port())).unwrap();
    let behind = fake.origin().to_string().trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(server));
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut inside) = acceptor.accept(stream).await {
                let mut outside = TcpStream::connect(&behind).await.unwrap();
                drop(copy_bidirectional(&mut inside, &mut outside).await);
            }
        }
    });
    (origin, Arc::new(client))
}

#[tokio::test]
async fn calls_go_to_whom_the_certificate_names_and_to_nobody_else() {
    let fake = FakeWechat::start(Arc::new(SystemClock));
    let (origin, tls) = encrypt(&fake).await;
    let settings = WechatSettings { hosts: vec![origin], ..fake.settings() };
    let with = |tls| WechatPay::new(&settings, tls, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    assert!(matches!(with(tls).create(&ask(1, 100)).await, Ok(PaymentPrompt::Jsapi(_))));
    // The roots that come with the program know nothing of this certificate.
    let refused = with(own_tls().unwrap()).create(&ask(2, 100)).await;
    assert_eq!(refused, Err(WriteError::NotDone(Trouble::Unreachable)));
    assert_eq!(fake.payments(), 1);
}
