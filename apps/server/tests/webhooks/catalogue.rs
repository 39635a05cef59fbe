//! The catalogue of events against the code that makes them. That nothing is made which is not in it, `record::event` asserts
//! in every test that makes an event.

use std::{fs, path::Path};

use huike_coupons::{CouponEdge, template::TemplateEvent};
use huike_pricing::managed::OfferEvent;
use huike_webhooks::EventType;

fn is_listed(kind: &str) -> bool {
    kind.parse::<EventType>().is_ok()
}

#[test]
fn every_edge_of_a_coupon_and_every_step_of_a_template_or_an_offer_can_be_asked_for() {
    for edge in CouponEdge::ALL {
        assert!(is_listed(edge.event_kind()), "{edge}");
    }
    for event in TemplateEvent::ALL {
        assert!(is_listed(event.as_str()), "{event}");
    }
    for event in OfferEvent::ALL {
        assert!(is_listed(event.as_str()), "{event}");
    }
}

#[test]
fn nothing_can_be_asked_for_that_nobody_makes() {
    let mut source = String::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates");
    for folder in ["coupons/src", "pricing/src", "usecases/src"] {
        gather(&root.join(folder), &mut source);
    }
    for kind in EventType::ALL {
        assert!(source.contains(&format!("\"{kind}\"")), "nothing makes {kind}");
    }
}

fn gather(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
