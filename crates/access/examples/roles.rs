//! Who may redeem here? A small team, a coupon, and the answers.
#![expect(clippy::print_stdout, reason = "an example talks")]

use huike_access::{Permission, Redeemer, Role, RoleBinding, Scope, decide_redeem_by};
use huike_kernel::{DomainError, NodeId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let head: NodeId = "00000000-0000-7000-8000-000000000001".parse()?;
    let site: NodeId = "00000000-0000-7000-8000-000000000002".parse()?;
    let store: NodeId = "00000000-0000-7000-8000-000000000003".parse()?;
    let elsewhere: NodeId = "00000000-0000-7000-8000-000000000004".parse()?;

    let team = [
        ("the clerk of the store", RoleBinding { role: Role::Clerk, node: store }),
        ("a clerk of another store", RoleBinding { role: Role::Clerk, node: elsewhere }),
        ("the manager of the site's stores", RoleBinding { role: Role::StoreManager, node: site }),
        ("the marketer of the brand", RoleBinding { role: Role::Marketer, node: head }),
    ];
    for (who, binding) in team {
        let redeemer = Redeemer { roles: &[binding], customer: None };
        match decide_redeem_by(&redeemer, &[head, site, store], None) {
            Ok(()) => println!("{who} may redeem here"),
            Err(refused) => println!("{who} may not: {refused} ({})", refused.code()),
        }
        let scope = Scope::of(&[binding], Permission::CouponRead);
        println!("  and sees a coupon of this store: {:?}", scope.sight(&[head, site, store]));
    }
    Ok(())
}
