//! Channels: run at or below the template's owner, each with its own link and code.

use huike_access::Permission;
use huike_coupons::ChannelKind;
use huike_kernel::{ChannelId, NodeId, TemplateId, Text};
use huike_persistence::{
    channels::{self, Channel, SharedCode},
    db_test,
};
use huike_usecases::{
    UseCaseError,
    templates::{self, NewChannel},
};

use crate::support::{Brand, MARKETER, OPERATOR_A, number, refused, rules};

fn open(
    brand: &Brand,
    who: u128,
    (n, template): (u128, TemplateId),
    site: Option<NodeId>,
) -> Result<Channel, UseCaseError> {
    let code = SharedCode { lookup: vec![u8::try_from(n % 10).unwrap(); 32], sealed: vec![1] };
    let new = NewChannel {
        id: ChannelId::from_uuid(number(500 + n)),
        template,
        site,
        kind: ChannelKind::Poster,
        name: Text::new("店门口海报").unwrap(),
        link_token: format!("link-{n}"),
        code: (n < 100).then_some(code),
    };
    brand.act((who, Permission::ChannelManage), move |db, act| templates::create_channel(db, act, &new))
}

db_test! {
    fn a_site_runs_channels_of_a_live_template_above_it_but_not_elsewhere(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(10));
        open(&brand, MARKETER, (1, id), None).unwrap();
        open(&brand, OPERATOR_A, (2, id), Some(brand.site_a)).unwrap();
        open(&brand, OPERATOR_A, (3, id), Some(brand.shop)).unwrap();
        assert_eq!(refused(open(&brand, OPERATOR_A, (4, id), None)), "not_found");
        assert_eq!(refused(open(&brand, OPERATOR_A, (5, id), Some(brand.site_b))), "not_found");
        let draft = brand.create(MARKETER, brand.head, &rules(1)).unwrap().template.id;
        assert_eq!(refused(open(&brand, OPERATOR_A, (6, draft), Some(brand.site_a))), "not_found");
        let of_a = brand.create(OPERATOR_A, brand.site_a, &rules(1)).unwrap().template.id;
        assert_eq!(refused(open(&brand, MARKETER, (7, of_a), Some(brand.site_b))), "not_found");
        let seen = |roots: Vec<NodeId>| brand.read(move |db| Ok(channels::list(db, id, &roots, None, 9)?)).len();
        assert_eq!((seen(vec![brand.head]), seen(vec![brand.site_a]), seen(vec![brand.site_b])), (3, 2, 0));
    }

    fn links_and_codes_are_unique_and_found_again(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(10));
        let made = open(&brand, MARKETER, (1, id), None).unwrap();
        assert_eq!(refused(open(&brand, MARKETER, (11, id), None)), "already_taken");
        open(&brand, MARKETER, (101, id), None).unwrap();
        let by_link = brand.read(|db| Ok(channels::find_by_link(db, "link-1")?));
        let by_code = brand.read(|db| Ok(channels::find_by_code(db, &[1; 32])?));
        assert_eq!((by_link.as_ref(), by_code.as_ref()), (Some(&made), Some(&made)));
    }

    fn a_channel_closes_once_and_leaves_its_traces(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(10));
        let channel = open(&brand, OPERATOR_A, (1, id), Some(brand.site_a)).unwrap().id;
        let close = || {
            brand
                .act((OPERATOR_A, Permission::ChannelManage), move |db, act| templates::close_channel(db, act, channel))
        };
        assert!(!close().unwrap().open);
        assert_eq!(refused(close()), "coupon_channel_closed");
        let kinds: Vec<String> = brand.events(channel.as_uuid()).into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds, ["channel_opened", "channel_closed"]);
        assert_eq!(brand.audited(channel.as_uuid()).len(), 2);
    }
}
