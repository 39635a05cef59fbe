//! Receivers of webhooks, good and bad, and the endpoints that name them: what a write has to do with them.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use clap::Args;
use huike_kernel::{IdSource, Text, WebhookEndpointId};
use huike_server::sources::{SystemIds, SystemRandom, random_bytes};
use huike_usecases::webhooks::{EndpointAsk, create};
use huike_webhooks::{EndpointUrl, Secret};

use crate::{Outcome, house::Brand};

/// Endpoints of the head brand that hear of everything, and who is behind them until the program is stopped.
#[derive(Args)]
pub(crate) struct ReceiversArgs {
    /// So many answer 200 at once.
    #[arg(long, default_value_t = 0)]
    answering: usize,
    /// So many take the connection and never say a word.
    #[arg(long, default_value_t = 0)]
    silent: usize,
    /// So many are not there.
    #[arg(long, default_value_t = 0)]
    dead: usize,
}

impl ReceiversArgs {
    pub(crate) fn run(&self, database_url: &str) -> Outcome {
        let brand = Brand::open(database_url)?;
        for _ in 0..self.answering {
            brand.tell(listen(answer)?)?;
        }
        for _ in 0..self.silent {
            brand.tell(listen(std::mem::forget)?)?;
        }
        for _ in 0..self.dead {
            let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
            brand.tell(address)?;
        }
        drop(brand);
        println!("listening on several ports");
        loop {
            thread::park();
        }
    }
}

/// Does that with every connection to the address it returns.
fn listen(with: impl Fn(TcpStream) + Send + Sync + 'static) -> Result<SocketAddr, std::io::Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let with = Arc::new(with);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let with = Arc::clone(&with);
            thread::spawn(move || with(stream));
        }
    });
    Ok(address)
}

/// A message fits into one read; what comes after it is nobody's matter.
fn answer(mut stream: TcpStream) {
    let mut message = [0; 16_384];
    let read = stream.read(&mut message);
    if read.is_ok_and(|length| length > 0) {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    }
}

impl Brand {
    /// Makes an endpoint at the head that hears of everything.
    fn tell(&self, address: SocketAddr) -> Outcome {
        let id = WebhookEndpointId::from(SystemIds.next_uuid());
        let secret = Secret::from_bytes(random_bytes(&SystemRandom)).expose();
        let ask = EndpointAsk {
            id,
            site: self.house.head,
            name: Text::new("receiver")?,
            url: EndpointUrl::parse(&format!("http://{address}/"), true)?,
            event_types: Vec::new(),
            sealed: self
                .house
                .keys
                .seal_webhook_secret(&secret, id, &SystemRandom)
                .ok_or("a secret cannot be sealed")?,
        };
        let caller = self.owner.clone();
        self.house.store.write_blocking(move |db, now| create(db, &caller.act(now), &ask))?;
        Ok(())
    }
}
