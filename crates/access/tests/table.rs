//! The role × permission table, cell by cell, and its copy in the README.

use huike_access::{Permission, Role};

/// What the table has to be, written by hand and apart from the code. A change of rights is a change of both.
const EXPECTED: &str = "
                      owner marketer approver finance site_operator store_manager clerk service warehouse
coupon.read             x      x        x        x          x             x         .      x        .
coupon.create           x      x        .        .          x             .         .      .        .
coupon.approve          x      .        x        .          .             .         .      .        .
coupon.publish          x      x        .        .          x             .         .      .        .
coupon.kill             x      .        x        .          .             .         .      .        .
coupon.quota            x      x        .        .          .             .         .      .        .
coupon.issue            x      x        .        .          x             .         .      .        .
coupon.void             x      .        .        .          x             .         .      x        .
coupon.redeem           x      .        .        .          .             x         x      .        .
coupon.unredeem         x      .        .        .          .             x         .      .        .
coupon.unredeem_late    x      .        .        x          .             .         .      .        .
coupon.track            x      x        x        x          x             x         .      .        .
offer.read              x      x        x        x          x             x         .      x        .
offer.create            x      x        .        .          x             .         .      .        .
offer.approve           x      .        x        .          .             .         .      .        .
offer.publish           x      x        .        .          x             .         .      .        .
product.read            x      x        x        x          x             x         .      x        x
product.manage          x      x        .        .          .             .         .      .        .
product.cost            x      x        .        x          .             .         .      .        x
stock.read              x      x        .        x          x             x         .      x        x
stock.move              x      .        .        .          x             x         .      .        x
stock.safety            x      .        .        .          x             .         .      .        x
order.read              x      .        .        x          x             x         .      x        x
order.manage            x      .        .        .          x             x         .      .        x
code.create             x      x        .        .          x             .         .      .        .
code.export             x      x        .        .          x             .         .      .        .
channel.manage          x      x        .        .          x             .         .      .        .
redemption.read         x      .        .        x          x             x         .      x        .
store_day.read          x      .        .        x          x             x         .      .        .
store_day.sign          x      .        .        x          .             .         .      .        .
ledger.read             x      .        .        x          .             .         .      .        .
ledger.adjust           x      .        .        x          .             .         .      .        .
node.read               x      x        x        x          x             x         .      x        x
node.create             x      .        .        .          x             .         .      .        .
node.update             x      .        .        .          x             .         .      .        .
node.close              x      .        .        .          .             .         .      .        .
site.launch             x      .        .        .          .             .         .      .        .
store_page.write        x      .        .        .          x             x         .      .        .
setting.read            x      x        x        .          x             x         .      .        .
setting.write           x      .        .        .          x             .         .      .        .
setting.lock            x      .        .        .          x             .         .      .        .
review_policy.set       x      .        .        .          .             .         .      .        .
blueprint.read          x      x        .        .          .             .         .      .        .
blueprint.manage        x      .        .        .          .             .         .      .        .
staff.read              x      .        .        .          x             x         .      .        .
staff.manage            x      .        .        .          x             x         .      .        .
role.grant              x      .        .        .          x             x         .      .        .
api_key.manage          x      .        .        .          .             .         .      .        .
webhook.view            x      .        .        .          .             .         .      .        .
webhook.manage          x      .        .        .          .             .         .      .        .
customer.read           x      .        .        .          x             x         .      x        .
customer.note           x      .        .        .          x             x         .      x        .
customer.tag            x      .        .        .          x             x         .      x        .
customer.block          x      .        .        .          x             .         .      x        .
customer.block_brand    x      .        .        .          .             .         .      x        .
audit.view              x      .        .        x          .             .         .      .        .
audit.verify            x      .        .        x          .             .         .      .        .
audit.redact            x      .        .        .          .             .         .      .        .
";

#[test]
fn every_cell_is_as_written() {
    let mut lines = EXPECTED.lines().filter(|line| !line.is_empty());
    let roles: Vec<Role> = lines.next().unwrap().split_whitespace().map(|word| word.parse().unwrap()).collect();
    assert_eq!(roles, Role::ALL);
    let mut seen = Vec::new();
    for line in lines {
        let mut words = line.split_whitespace();
        let permission: Permission = words.next().unwrap().parse().unwrap();
        let cells: Vec<bool> = words.map(|word| word == "x").collect();
        assert_eq!(cells.len(), roles.len(), "{permission}");
        for (role, expected) in roles.iter().zip(cells) {
            assert_eq!(permission.is_held_by(*role), expected, "{permission} for {role}");
        }
        seen.push(permission);
    }
    assert_eq!(seen, Permission::ALL);
}

#[test]
fn a_clerk_redeems_and_nothing_else() {
    let rights: Vec<_> = Permission::ALL.iter().filter(|p| p.is_held_by(Role::Clerk)).collect();
    assert_eq!(rights, [&Permission::CouponRedeem]);
}

#[test]
fn no_role_but_the_owner_holds_two_of_create_review_and_redeem() {
    let three = [Permission::CouponCreate, Permission::CouponApprove, Permission::CouponRedeem];
    for role in Role::ALL.iter().filter(|role| **role != Role::Owner) {
        assert!(three.iter().filter(|p| p.is_held_by(*role)).count() <= 1, "{role}");
    }
}

#[test]
fn the_owner_holds_every_permission() {
    for permission in Permission::ALL {
        assert!(permission.is_held_by(Role::Owner), "{permission}");
    }
}

#[test]
fn the_readme_shows_the_table_of_the_code() {
    let readme = include_str!("../README.md");
    let table = render_table();
    assert!(readme.contains(&table), "the table of the README should read:\n{table}");
}

fn render_table() -> String {
    let mut table = String::from("| permission | scope |");
    for role in Role::ALL {
        table += &format!(" `{role}` |");
    }
    table += "\n|---|---|";
    table += &":-:|".repeat(Role::ALL.len());
    table += "\n";
    for permission in Permission::ALL {
        table += &format!("| `{permission}` | `{}` |", permission.scope());
        for role in Role::ALL {
            table += if permission.is_held_by(*role) { " ● |" } else { "  |" };
        }
        table += "\n";
    }
    table
}
