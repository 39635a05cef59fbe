//! `huike copy`: a brand moves from SQLite to PostgreSQL and back, with everything it has.

use huike_harness::{Home, Server, brand::ten_off};
use serde_json::json;

use crate::{
    each_home,
    elsewhere::{digest, files, like, on_empty_postgres, redeem, url_text, wallet},
    homes,
};

fn copy(home: &Home, to: &Home) -> huike_harness::Ran {
    home.run(&["copy", "--from", &url_text(home), "--to", &url_text(to)])
}

#[actix_web::test]
async fn a_brand_that_moves_to_postgresql_and_back_keeps_every_row_and_its_codes_still_open() {
    let Some(postgres) = on_empty_postgres() else { return };
    let (sqlite, back) = (homes::on_sqlite(), homes::on_sqlite());
    let server = Server::start(&sqlite, &[]).await;
    let brand = server.brand().await;
    let template = brand.live(&brand.head, &ten_off(100)).await;
    let shopper = brand.shopper().await;
    let mut coupons = Vec::new();
    for _ in 0..6 {
        coupons.push(brand.claim(&shopper, &template).await);
    }
    brand.redemption(&brand.a, &template).await;
    let (_batch, codes) = brand.batch(&template, &brand.head, 3).await;
    server.stop().ok();

    let expected = digest(&sqlite);
    let copied = copy(&sqlite, &postgres);
    assert!(copied.ok().contains("rows/s") && copied.ok().contains("invariants hold"), "{copied:?}");
    assert_eq!(digest(&postgres), expected);
    copy(&postgres, &back).ok();
    assert_eq!(digest(&back), expected);

    for (home, coupon, code) in [(&postgres, &coupons[0], &codes[0]), (&back, &coupons[1], &codes[1])] {
        let server = Server::start(home, &[]).await;
        // Whoever was signed in still is: a copy is the same house at another place.
        let customer = shopper.client.on(&server.base);
        assert_eq!(wallet(&customer).await.len(), 6);
        redeem(&server, &customer, &brand, coupon).await;
        let entered = customer.once("enter").post("/app/v1/codes/claim", &json!({ "code": code })).await;
        entered.created();
        server.stop().ok();
        home.verify();
    }
}

each_home! {
    async fn a_copy_is_taken_beside_a_server_at_work(home) {
        let server = Server::start(home, &[]).await;
        let brand = server.brand().await;
        let template = brand.live(&brand.head, &ten_off(100)).await;
        let shopper = brand.shopper().await;
        let coupon = brand.claim(&shopper, &template).await;
        let elsewhere = like(home);
        copy(home, &elsewhere).ok();
        brand.claim(&shopper, &template).await;
        server.stop().ok();
        elsewhere.verify();
        let server = Server::start(&elsewhere, &[]).await;
        assert_eq!(wallet(&shopper.client.on(&server.base)).await, [coupon]);
    }

    async fn a_copy_goes_only_where_nothing_is(home) {
        Server::start(home, &[]).await.stop().ok();
        let other = homes::on_sqlite();
        other.run(&["migrate"]).ok();
        let before = digest(home);
        assert!(copy(home, home).refused().contains("into itself"));
        copy(home, &other).ok();
        assert_eq!(digest(&other), before);
        let refused = copy(home, &other);
        assert!(refused.refused().contains("is not empty (there are rows in node)"), "{refused:?}");
        assert_eq!(digest(&other), before);
    }
}

#[test]
fn a_copy_of_nothing_makes_nothing() {
    let (home, other) = (homes::on_sqlite(), homes::on_sqlite());
    assert!(copy(&home, &other).refused().contains("there is no database at"));
    assert_eq!((files(&home), files(&other)), (vec![], vec![]));
    let refused = home.run(&["copy", "--from", "mysql://h/d", "--to", &url_text(&other)]);
    assert!(refused.refused().contains("--from \"mysql://h/d\": a database URL begins with"), "{refused:?}");
}

/// The target of a copy belongs to the copy alone, as long as it lasts.
#[actix_web::test]
async fn a_copy_does_not_go_into_a_file_that_a_server_uses() {
    let (home, other) = (homes::on_sqlite(), homes::on_sqlite());
    home.run(&["migrate"]).ok();
    let server = Server::start(&other, &[]).await;
    assert!(copy(&home, &other).refused().contains("another huike process is using"));
    server.stop().ok();
}
