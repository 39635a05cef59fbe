//! A brand with stores, customers who have signed in, and templates to claim from.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{Outcome, house::Brand};

/// More than any run takes.
const PLENTY: i64 = 10_000_000;

/// Coupons of the template whose figures are looked at.
const TRACKED: usize = 1_000;

/// What to seed.
#[derive(Args)]
pub(crate) struct SeedArgs {
    /// Where the lists go.
    #[arg(long)]
    out: PathBuf,
    /// Customers who have signed in.
    #[arg(long, default_value_t = 20_000)]
    customers: usize,
    /// Templates with more coupons than are ever claimed; each customer may claim one of each.
    #[arg(long, default_value_t = 20)]
    templates: usize,
    /// How many coupons the one scarce template has.
    #[arg(long, default_value_t = 2_000)]
    scarce: i64,
    /// Coupons that may be redeemed.
    #[arg(long, default_value_t = 0)]
    redeemable: usize,
    /// Automatic offers in force.
    #[arg(long, default_value_t = 0)]
    offers: usize,
    /// How many of them match the carts that are priced.
    #[arg(long, default_value_t = 0)]
    matching: usize,
    /// Stores to redeem in.
    #[arg(long, default_value_t = 20)]
    stores: usize,
}

impl SeedArgs {
    pub(crate) fn run(&self, database_url: &str) -> Outcome {
        let brand = Brand::open(database_url)?;
        std::fs::create_dir_all(&self.out)?;
        let list = |name: &str, lines: &[String]| write_lines(&self.out.join(name), lines);
        brand.trust_owner()?;
        let stores = brand.build_stores(self.stores)?;
        let people = brand.sign_up(self.customers, 0)?;
        list("customers.txt", &people.iter().map(|person| person.token.clone()).collect::<Vec<_>>())?;
        let mut templates = Vec::with_capacity(self.templates);
        for _ in 0..self.templates {
            templates.push(brand.publish(PLENTY)?.to_string());
        }
        list("templates.txt", &templates)?;
        list("scarce.txt", &[brand.publish(self.scarce)?.to_string()])?;
        brand.put_in_force(self.offers, self.matching)?;
        list("till.txt", &[brand.key_for_quotes()?])?;
        list("staff.txt", &[brand.sign_in_owner()?])?;
        let (mut held, mut codes) = (Vec::new(), Vec::new());
        while codes.len() < self.redeemable {
            let count = people.len().min(self.redeemable - codes.len());
            let template = brand.publish(PLENTY)?;
            for code in brand.hand_out(template, people.get(..count).unwrap_or_default())? {
                let store = stores.get(codes.len() % stores.len()).ok_or("no store to redeem in")?;
                codes.push(format!("{store} {code}"));
            }
            held.push(template.to_string());
        }
        let tracked = brand.publish(PLENTY)?;
        brand.hand_out(tracked, people.get(..TRACKED).unwrap_or(&people))?;
        list("tracked.txt", &[tracked.to_string()])?;
        list("held.txt", &held)?;
        list("codes.txt", &codes)?;
        Ok(())
    }
}

fn write_lines(path: &Path, lines: &[String]) -> std::io::Result<()> {
    let mut text = lines.join("\n");
    text.push('\n');
    std::fs::write(path, text)
}
