//! More than can be served: whoever cannot be is told to come again, and nobody is left hanging.

use std::sync::{Mutex, mpsc};

use huike_kernel::TemplateId;
use huike_persistence::{StoreError, stock};
use serde_json::json;

use crate::{
    both,
    laws::{
        books::assert_balanced,
        many::{assert_tally, at_once},
    },
    support::{
        Answer, TestApp,
        brand::{Brand, Shopper, ten_off},
    },
};

async fn rush(shoppers: &[Shopper], template: &str) -> Vec<Answer> {
    let calls = shoppers.iter().map(|shopper| {
        let (client, ask) = (shopper.client.once("rush"), json!({ "template_id": template }));
        async move { client.post("/app/v1/claims", &ask).await }
    });
    at_once(calls).await
}

/// Somebody who holds the row that everybody wants, until they are told to let go.
struct Holder {
    let_go: mpsc::Sender<()>,
    thread: std::thread::JoinHandle<Result<(), StoreError>>,
}

impl Holder {
    fn of(app: &TestApp, template: &str) -> Self {
        let template: TemplateId = template.parse().unwrap();
        let ((locked, is_locked), (let_go, go)) = (mpsc::channel(), mpsc::channel::<()>());
        let (store, go) = (app.store.clone(), Mutex::new(go));
        let hold = move || {
            store.write_blocking(move |db, _| {
                stock::lock(db, template)?;
                locked.send(()).unwrap();
                go.lock().unwrap().recv().unwrap();
                Ok(())
            })
        };
        let thread = std::thread::spawn(hold);
        is_locked.recv().unwrap();
        Self { let_go, thread }
    }

    fn let_go(self) {
        self.let_go.send(()).unwrap();
        self.thread.join().unwrap().unwrap();
    }
}

both! {
    async fn while_nobody_can_be_served_everybody_is_told_to_come_again(app) {
        let brand = Brand::of(app).await;
        let (template, shoppers) = (brand.live(&brand.head, &ten_off(30)).await, brand.shoppers(60).await);
        let holder = Holder::of(app, &template);
        for answer in rush(&shoppers, &template).await {
            assert_eq!(answer.status, 503, "{}", answer.text());
            assert_eq!(answer.header("retry-after"), "1");
        }
        holder.let_go();
        // And when they do, with the same keys, it is as if nothing had been.
        let answers = rush(&shoppers, &template).await;
        assert_tally(&answers, &[("201", 30), ("409 coupon_sold_out", 30)]);
        assert_balanced(app).await;
    }
}
