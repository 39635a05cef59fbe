//! Where no message goes, whatever a name says.

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use huike_persistence::db_test;
use huike_server::webhooks::{Resolve, Resolved, Sender, trust};
use huike_webhooks::DeliveryState;

use crate::{
    stage::{Stage, thing, until},
    target::{Reply, Target},
};

/// Answers the first question with the first answer, and so on; the last answer for ever.
struct Names {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Names {
    fn of(answers: &[&[&str]]) -> Arc<Self> {
        let addresses = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self { answers: answers.iter().map(addresses).collect(), asked: AtomicUsize::new(0) })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolved<'a> {
        let nth = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let found = match name {
            "hooks.example" => Ok(self.answers[nth].clone()),
            _ => Err(io::Error::other("no such name")),
        };
        Box::pin(async { found })
    }
}

/// Never answers.
struct Deaf;

impl Resolve for Deaf {
    fn resolve<'a>(&'a self, _name: &'a str) -> Resolved<'a> {
        Box::pin(std::future::pending())
    }
}

fn sender(resolver: Arc<dyn Resolve>, allow_loopback: bool) -> Sender {
    Sender::new(resolver, trust(None).unwrap(), allow_loopback)
}

db_test! {
    fn a_name_that_leads_to_this_machine_is_not_called(database) {
        let stage = Stage::on(database);
        let target = Target::willing();
        let url = format!("https://hooks.example:{}/", target.address.port());
        for (seq, answer) in (1..).zip(["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1", "0.0.0.0"]) {
            let hook = stage.hook(&url);
            let sending = stage.start_with(sender(Names::of(&[&[answer]]), false));
            stage.event(thing(), seq);
            let attempt = stage.attempted(&hook, seq, 1);
            assert_eq!((attempt.status, attempt.error.as_deref()), (None, Some("address_refused")), "{answer}");
            drop(sending);
        }
        assert_eq!(target.calls(), 0);
    }

    /// A name is as bad as the worst of its addresses: the good one, which comes first and could be reached, is not called
    /// either.
    fn one_address_behind_our_walls_spoils_a_name(database) {
        let stage = Stage::on(database);
        let target = Target::willing();
        let url = format!("http://hooks.example:{}/", target.address.port());
        let inner =
            ["10.0.0.7", "192.168.0.1", "169.254.169.254", "100.100.100.200", "fd00:ec2::254", "::ffff:10.0.0.7"];
        for (seq, inner) in (1..).zip(inner) {
            let hook = stage.hook(&url);
            let sending = stage.start_with(sender(Names::of(&[&["127.0.0.1", inner]]), true));
            stage.event(thing(), seq);
            assert_eq!(stage.attempted(&hook, seq, 1).error.as_deref(), Some("address_refused"), "{inner}");
            drop(sending);
        }
        assert_eq!(target.calls(), 0);
    }

    fn a_name_is_resolved_once_and_the_call_goes_where_it_said_then(database) {
        let stage = Stage::on(database);
        let first = Target::new(|_, _| Reply::Status(200));
        let port = first.address.port();
        // Another receiver at the same port of another address of this machine: whoever asks the name again ends there.
        let second = Target::at(&format!("127.0.0.2:{port}"), |_, _| Reply::Status(200));
        let names = Names::of(&[&["127.0.0.1"], &["127.0.0.2"]]);
        let hook = stage.hook(&format!("http://hooks.example:{port}/"));
        let _sending = stage.start_with(sender(Arc::clone(&names) as Arc<dyn Resolve>, true));
        stage.event(thing(), 1);
        until("the first is delivered", || stage.count(&hook, DeliveryState::Delivered) == 1);
        assert_eq!((names.asked(), first.heard().len(), second.calls()), (1, 1, 0));
        assert_eq!(first.heard()[0].header("host"), format!("hooks.example:{port}"));
        // The next attempt asks again: names do move.
        stage.event(thing(), 1);
        until("the second is delivered", || stage.count(&hook, DeliveryState::Delivered) == 2);
        assert_eq!((names.asked(), first.heard().len(), second.heard().len()), (2, 1, 1));
    }

    fn a_name_that_turns_inwards_the_second_time_is_refused_then(database) {
        let stage = Stage::on(database);
        let target = Target::new(|_, _| Reply::Status(500));
        let names = Names::of(&[&["127.0.0.1"], &["127.0.0.1", "10.0.0.1"]]);
        let hook = stage.hook(&format!("http://hooks.example:{}/", target.address.port()));
        let _sending = stage.start_with(sender(names, true));
        stage.event(thing(), 1);
        assert_eq!(stage.attempted(&hook, 1, 1).status, Some(500));
        stage.pass(chrono::TimeDelta::seconds(6));
        assert_eq!(stage.attempted(&hook, 1, 2).error.as_deref(), Some("address_refused"));
        assert_eq!(target.calls(), 1);
    }

    fn a_url_that_was_good_in_development_is_refused_in_production(database) {
        let stage = Stage::on(database);
        let target = Target::willing();
        let hooks = [target.url(), format!("https://{}/", target.address), "https://localhost/".to_owned()];
        let hooks = hooks.map(|url| stage.hook(&url));
        let _sending = stage.start_with(sender(Names::of(&[&["127.0.0.1"]]), false));
        stage.event(thing(), 1);
        for hook in &hooks {
            assert_eq!(stage.attempted(hook, 1, 1).error.as_deref(), Some("url_refused"));
        }
        assert_eq!(target.calls(), 0);
    }

    fn a_name_without_an_address_is_a_failure_like_any_other(database) {
        let stage = Stage::on(database);
        let (nowhere, unknown) = (stage.hook("http://hooks.example/"), stage.hook("http://nobody.example/"));
        let _sending = stage.start_with(sender(Names::of(&[&[]]), true));
        stage.event(thing(), 1);
        for hook in [&nowhere, &unknown] {
            assert_eq!(stage.attempted(hook, 1, 1).error.as_deref(), Some("name_unknown"));
        }
    }

    fn a_resolver_that_never_answers_is_not_waited_for(database) {
        let stage = Stage::on(database);
        let hook = stage.hook("http://hooks.example/");
        let _sending = stage.start_with(sender(Arc::new(Deaf), true).with_call_max(Duration::from_millis(200)));
        stage.event(thing(), 1);
        assert_eq!(stage.attempted(&hook, 1, 1).error.as_deref(), Some("timed_out"));
    }
}

#[test]
fn the_machine_knows_itself() {
    let runtime = tokio_runtime();
    let found = runtime.block_on(huike_server::webhooks::SystemResolver.resolve("localhost")).unwrap();
    assert!(found.contains(&IpAddr::V4(Ipv4Addr::LOCALHOST)) || found.iter().any(IpAddr::is_loopback));
}

fn tokio_runtime() -> actix_web::rt::Runtime {
    actix_web::rt::Runtime::new().unwrap()
}
