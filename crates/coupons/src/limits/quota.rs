//! Quotas: how a head's total is split among sites (分站配额).

use huike_kernel::NodeId;

use crate::{error::CouponError, template::TemplateError};

/// What one site may issue of a template, and what it has issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The site.
    pub node: NodeId,
    /// The most it may issue.
    pub quota: i64,
    /// What it has issued.
    pub issued: i64,
}

/// Whether a total may be split so: no site twice, nothing below what a site has issued already (a site that is no
/// longer named has a quota of nothing), and no more in all than the total without what the owner issued itself. What
/// is not assigned stays with the template's owner, on a row of its own.
pub fn decide_quotas(quantity: i64, owner_issued: i64, quotas: &[Quota]) -> Result<(), CouponError> {
    let mut assigned = 0_i64;
    for (index, site) in quotas.iter().enumerate() {
        if site.quota < 0 {
            return Err(TemplateError::QuotaNegative { index }.into());
        }
        if quotas.iter().take(index).any(|other| other.node == site.node) {
            return Err(TemplateError::QuotaTwice { index }.into());
        }
        if site.quota < site.issued {
            return Err(TemplateError::QuotaBelowIssued { index, issued: site.issued }.into());
        }
        assigned = assigned.saturating_add(site.quota);
    }
    let available = quantity.saturating_sub(owner_issued);
    if assigned > available {
        return Err(TemplateError::QuotasAboveTotal { assigned, available }.into());
    }
    Ok(())
}

/// What is left of the total for the owner's own row. Never below zero for quotas that [`decide_quotas`] allowed.
pub fn unassigned(quantity: i64, quotas: &[Quota]) -> i64 {
    quotas.iter().fold(quantity, |left, site| left.saturating_sub(site.quota)).max(0)
}

#[cfg(test)]
mod tests {
    use huike_kernel::DomainError;

    use super::*;

    fn quota(number: u8, quota: i64, issued: i64) -> Quota {
        Quota { node: format!("00000000-0000-7000-8000-{number:012}").parse().unwrap(), quota, issued }
    }

    #[test]
    fn quotas_fill_the_total_and_no_more() {
        assert!(decide_quotas(100, 0, &[quota(1, 60, 0), quota(2, 40, 0)]).is_ok());
        let refused = decide_quotas(100, 0, &[quota(1, 60, 0), quota(2, 41, 0)]).unwrap_err();
        assert_eq!(refused.code(), "quota_above_total");
        assert!(decide_quotas(100, 1, &[quota(1, 60, 0), quota(2, 40, 0)]).is_err(), "the owner issued one itself");
    }

    #[test]
    fn a_quota_is_never_moved_below_what_was_issued() {
        let refused = decide_quotas(100, 0, &[quota(1, 10, 11)]).unwrap_err();
        assert_eq!((refused.code(), refused.pointer().as_deref()), ("quota_below_issued", Some("/quotas/0/quota")));
    }

    #[test]
    fn the_remainder_belongs_to_the_owner() {
        assert_eq!(unassigned(100, &[quota(1, 60, 0), quota(2, 15, 3)]), 25);
        assert_eq!(unassigned(100, &[]), 100);
    }

    #[test]
    fn a_site_has_one_quota() {
        assert_eq!(decide_quotas(9, 0, &[quota(1, 1, 0), quota(1, 1, 0)]).unwrap_err().code(), "quota_twice");
        assert_eq!(decide_quotas(9, 0, &[quota(1, -1, 0)]).unwrap_err().code(), "quota_negative");
    }
}
