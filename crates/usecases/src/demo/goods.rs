//! What the shops sell: a small catalogue, stock of it in every shop that is no restaurant, and goods on their way.

use chrono::{DateTime, Utc};
use huike_kernel::{CategoryId, NodeId, SkuId};
use huike_orders::catalogue::{LowStockPolicy, ProductForm, SkuForm, SkuPrices};
use huike_persistence::Db;

use super::{
    stage::{Stage, read, text},
    world::World,
};
use crate::{
    Act, UseCaseError,
    catalogue::{self, NewCategory, NewProduct},
    stock::{self, Batch, DamageAsk, ReceiptAsk, ReceiptLine, SafetyAsk, StatedLines, TransferAsk},
};

/// Code and name.
const CATEGORIES: &[(&str, &str)] =
    &[("milk-powder", "奶粉"), ("diapers", "纸尿裤"), ("baby-food", "辅食"), ("care", "洗护")];

/// Category, code, name, and the SKUs: what tells them apart, list price, minimum price, cost, grams.
type ProductPlan =
    (usize, &'static str, &'static str, &'static [(&'static str, &'static str, &'static str, &'static str, u32)]);

const PRODUCTS: &[ProductPlan] = &[
    (
        0,
        "MILK-1",
        "一段婴儿配方奶粉",
        &[("900克", "298.00", "228.00", "176.00", 900), ("400克", "148.00", "118.00", "88.00", 400)],
    ),
    (0, "MILK-2", "二段较大婴儿配方奶粉", &[("900克", "288.00", "218.00", "168.00", 900)]),
    (0, "MILK-3", "三段幼儿配方奶粉", &[("900克", "268.00", "208.00", "158.00", 900)]),
    (
        1,
        "DIAPER",
        "超薄纸尿裤",
        &[
            ("M 码 60 片", "119.00", "79.00", "58.00", 1_900),
            ("L 码 54 片", "119.00", "79.00", "58.00", 1_950),
            ("XL 码 46 片", "119.00", "79.00", "58.00", 2_000),
        ],
    ),
    (2, "RICE", "高铁米粉", &[("225克", "59.00", "42.00", "28.00", 225)]),
    (2, "PUREE", "苹果泥", &[("100克×6 袋", "69.00", "45.00", "31.00", 600)]),
    (3, "WIPES", "婴儿手口湿巾", &[("80 抽×8 包", "59.90", "39.90", "24.00", 3_200)]),
    (3, "LOTION", "婴儿润肤乳", &[("200毫升", "79.00", "55.00", "33.00", 240)]),
];

/// Fills the shelves.
pub(super) fn stock_shelves(db: &mut Db, stage: &Stage, world: &World) -> Result<(), UseCaseError> {
    let at = stage.dates.at(-100, (10, 0));
    let marketer = stage.staff(world.team.marketer, world.head, at);
    let skus = list_goods(db, &marketer.act(at))?;
    for (index, (_, store)) in (0_i64..).zip(world.stores().filter(|(site, _)| !site.is_restaurant)) {
        let at = stage.dates.at(-60, (14, 0)) + chrono::TimeDelta::minutes(7 * index);
        let keeper = stage.staff(world.team.warehouse, world.head, at);
        fill(db, &keeper.act(at), store.id, (&skus, 24 + index % 5 * 6))?;
    }
    for site in world.sites.iter().filter(|site| !site.is_restaurant) {
        let at = stage.dates.at(-61, (9, 0));
        let keeper = stage.staff(world.team.warehouse, world.head, at);
        fill(db, &keeper.act(at), site.id, (&skus, 240))?;
        let Some(store) = site.stores.first() else { continue };
        supply(db, stage, world, (site.id, store.id, &skus))?;
    }
    Ok(())
}

/// The catalogue, and the SKUs in the order of the plan.
fn list_goods(db: &mut Db, act: &Act<'_>) -> Result<Vec<SkuId>, UseCaseError> {
    let root = NewCategory { parent: None, code: read("mother-baby")?, name: text("母婴")?, position: 0 };
    let root = catalogue::create_category(db, act, &root)?.id;
    let mut categories: Vec<CategoryId> = Vec::new();
    for (position, (code, name)) in (1..).zip(CATEGORIES) {
        let new = NewCategory { parent: Some(root), code: read(code)?, name: text(name)?, position };
        categories.push(catalogue::create_category(db, act, &new)?.id);
    }
    let mut skus = Vec::new();
    for (category, code, name, sizes) in PRODUCTS {
        let form = ProductForm {
            code: read(code)?,
            category: categories.get(*category).copied().unwrap_or(root),
            name: text(name)?,
            brand: Some(text("小象")?),
            tags: vec![text("自有品牌")?],
            images: Vec::new(),
            description: None,
        };
        let sizes = (1..).zip(*sizes).map(|(number, size)| sku_of(code, number, *size)).collect::<Result<_, _>>()?;
        let made = catalogue::create_product(db, act, &NewProduct { form, skus: sizes })?;
        skus.extend(made.skus.iter().map(|sku| sku.id));
    }
    Ok(skus)
}

fn sku_of(
    product: &str,
    number: u32,
    (name, list, minimum, cost, weight_grams): (&str, &str, &str, &str, u32),
) -> Result<SkuForm, UseCaseError> {
    let prices = SkuPrices { list: read(list)?, sale: None, minimum: Some(read(minimum)?), cost: Some(read(cost)?) };
    let low_stock_policy = if product == "LOTION" { LowStockPolicy::ClearOut } else { LowStockPolicy::Replenish };
    Ok(SkuForm {
        code: read(&format!("{product}-{number}"))?,
        name: text(name)?,
        barcode: None,
        prices,
        weight_grams,
        low_stock_policy: Some(low_stock_policy),
    })
}

/// So many of each come in, from a batch that was inspected; and so many of each should lie there.
fn fill(db: &mut Db, act: &Act<'_>, site: NodeId, (skus, quantity): (&[SkuId], i64)) -> Result<(), UseCaseError> {
    let produced_on = (act.now - chrono::TimeDelta::days(40)).date_naive();
    let mut lines = Vec::new();
    for sku in skus {
        let batch = Batch {
            supplier: text("小象供应链")?,
            number: text(&format!("X{}", produced_on.format("%Y%m%d")))?,
            produced_on,
            inspection: huike_kernel::Paragraph::new("抽检 10%，外观、封口、日期均合格").ok(),
            inspection_url: None,
        };
        lines.push(ReceiptLine { sku: *sku, quantity, batch: Some(batch) });
    }
    stock::receive_goods(db, act, &ReceiptAsk { site, lines, note: Some(text("首次铺货")?) })?;
    for sku in skus {
        stock::set_safety(db, act, SafetyAsk { site, sku: *sku, safety: Some(quantity / 3) })?;
    }
    Ok(())
}

/// Goods go from the site to its first store: some arrived short, some are on their way, some are asked for.
fn supply(
    db: &mut Db,
    stage: &Stage,
    world: &World,
    (site, store, skus): (NodeId, NodeId, &[SkuId]),
) -> Result<(), UseCaseError> {
    let act_at = |at: DateTime<Utc>| (stage.staff(world.team.warehouse, world.head, at), at);
    for (sku, day, steps) in
        skus.iter().zip([-20_i64, -1, 0]).zip(0_u8..).map(|((sku, day), step)| (*sku, day, 2 - step))
    {
        let (keeper, at) = act_at(stage.dates.past(day, (8, 30)));
        let act = keeper.act(at);
        let ask = TransferAsk { from: site, to: store, lines: vec![(sku, 12)], note: Some(text("周末备货")?) };
        let transfer = stock::request_transfer(db, &act, &ask)?.id;
        if steps > 0 {
            let sent = StatedLines { transfer, lines: vec![(sku, 12)], reason: None };
            stock::send_transfer(db, &act, &sent)?;
        }
        if steps > 1 {
            let arrived = StatedLines { transfer, lines: vec![(sku, 11)], reason: Some(text("一件运输破损")?) };
            stock::receive_transfer(db, &act, &arrived)?;
        }
    }
    let (keeper, at) = act_at(stage.dates.at(-9, (17, 45)));
    let broken = skus.last().map(|sku| (*sku, 20)).into_iter().collect();
    stock::record_damage(
        db,
        &keeper.act(at),
        &DamageAsk { site: store, lines: broken, reason: text("冷柜漏水浸湿")? },
    )?;
    Ok(())
}
