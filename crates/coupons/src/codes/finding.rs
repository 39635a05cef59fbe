//! What was found for a code, and how much of it each asker may learn.
//!
//! | asker | learns |
//! |---|---|
//! | staff | which it is, each reason apart |
//! | a customer who enters it to claim it | claimable, already theirs, or one and the same refusal |
//! | anybody on the public check page | genuine, used or unknown, for signed codes only |

use super::error::CodeError;
use super::signed::CodeShape;

/// What a lookup found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeFinding {
    /// No such code.
    Unknown,
    /// A signed code whose tag does not fit, or that names a key this brand never had.
    Forged,
    /// A code of another brand, or of a site outside the asker's reach.
    Foreign,
    /// A code without an owner yet (未领取).
    Unclaimed,
    /// Owned by the one who asks.
    HeldByAsker,
    /// Owned by somebody (for a customer: somebody else).
    Held,
    /// Reserved by an order that is not paid yet (占用中).
    Reserved,
    /// Redeemed (已核销).
    Used,
    /// Past its validity.
    Expired,
    /// Made void by the merchant (作废).
    Voided,
    /// Given back through a refund (已退回).
    Returned,
    /// Given to another person, under a new code (转赠).
    Transferred,
    /// Stopped by the kill switch.
    Killed,
}

impl CodeFinding {
    /// Every finding, for tables and tests.
    pub const ALL: [Self; 13] = [
        Self::Unknown,
        Self::Forged,
        Self::Foreign,
        Self::Unclaimed,
        Self::HeldByAsker,
        Self::Held,
        Self::Reserved,
        Self::Used,
        Self::Expired,
        Self::Voided,
        Self::Returned,
        Self::Transferred,
        Self::Killed,
    ];

    /// Whether the entry counts as a wrong guess: nothing real of this brand was hit.
    pub fn is_wrong_guess(self) -> bool {
        matches!(self, Self::Unknown | Self::Forged | Self::Foreign)
    }
}

/// What staff are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffAnswer {
    /// The code stands for a coupon that may be redeemed, as far as the code can say.
    Usable,
    /// It does not, with a stable reason code.
    Refused(&'static str),
}

/// What a customer who enters a code to claim it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerAnswer {
    /// The code is free: the claim may go on.
    Claimable,
    /// The coupon is already in this customer's wallet.
    AlreadyYours,
    /// The one refusal for everything else: [`CodeError::NotClaimable`].
    NotClaimable,
}

impl CustomerAnswer {
    /// The claim may go on, or the uniform refusal. A coupon already held is answered by the caller before.
    pub fn into_result(self) -> Result<(), CodeError> {
        match self {
            Self::Claimable => Ok(()),
            Self::AlreadyYours | Self::NotClaimable => Err(CodeError::NotClaimable),
        }
    }
}

/// What the public check page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicAnswer {
    /// Made by this brand and not used up.
    Genuine,
    /// Made by this brand, but spent: redeemed, or ended in another way.
    Used,
    /// Nothing is said about it.
    Unknown,
}

impl PublicAnswer {
    /// The stable word of the answer.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::Used => "used",
            Self::Unknown => "unknown",
        }
    }
}

/// Staff see each reason apart.
pub fn staff_answer(finding: CodeFinding) -> StaffAnswer {
    match finding {
        CodeFinding::Unclaimed | CodeFinding::HeldByAsker | CodeFinding::Held => StaffAnswer::Usable,
        CodeFinding::Unknown => StaffAnswer::Refused("code_unknown"),
        CodeFinding::Forged => StaffAnswer::Refused("code_forged"),
        CodeFinding::Foreign => StaffAnswer::Refused("code_foreign"),
        CodeFinding::Reserved => StaffAnswer::Refused("code_reserved"),
        CodeFinding::Used => StaffAnswer::Refused("code_used"),
        CodeFinding::Expired => StaffAnswer::Refused("code_expired"),
        CodeFinding::Voided => StaffAnswer::Refused("code_voided"),
        CodeFinding::Returned => StaffAnswer::Refused("code_returned"),
        CodeFinding::Transferred => StaffAnswer::Refused("code_transferred"),
        CodeFinding::Killed => StaffAnswer::Refused("code_killed"),
    }
}

/// A customer learns nothing about a code that is not free, so that guessing teaches nothing.
pub fn customer_answer(finding: CodeFinding) -> CustomerAnswer {
    match finding {
        CodeFinding::Unclaimed => CustomerAnswer::Claimable,
        CodeFinding::HeldByAsker => CustomerAnswer::AlreadyYours,
        CodeFinding::Unknown
        | CodeFinding::Forged
        | CodeFinding::Foreign
        | CodeFinding::Held
        | CodeFinding::Reserved
        | CodeFinding::Used
        | CodeFinding::Expired
        | CodeFinding::Voided
        | CodeFinding::Returned
        | CodeFinding::Transferred
        | CodeFinding::Killed => CustomerAnswer::NotClaimable,
    }
}

/// The public page speaks only about full signed codes: a plain code could have been guessed.
///
/// A code that ended otherwise than by redemption is called used, because whoever is offered it must not pay for it.
pub fn public_answer(shape: CodeShape, finding: CodeFinding) -> PublicAnswer {
    if shape == CodeShape::Plain {
        return PublicAnswer::Unknown;
    }
    match finding {
        CodeFinding::Unclaimed | CodeFinding::HeldByAsker | CodeFinding::Held | CodeFinding::Reserved => {
            PublicAnswer::Genuine
        }
        CodeFinding::Used
        | CodeFinding::Expired
        | CodeFinding::Voided
        | CodeFinding::Returned
        | CodeFinding::Transferred
        | CodeFinding::Killed => PublicAnswer::Used,
        CodeFinding::Unknown | CodeFinding::Forged | CodeFinding::Foreign => PublicAnswer::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use huike_kernel::DomainError;
    use std::collections::BTreeSet;

    #[test]
    fn a_claiming_customer_cannot_tell_unknown_forged_used_and_foreign_codes_apart() {
        let uniform = customer_answer(CodeFinding::Unknown);
        for finding in CodeFinding::ALL {
            if matches!(finding, CodeFinding::Unclaimed | CodeFinding::HeldByAsker) {
                continue;
            }
            let answer = customer_answer(finding);
            assert_eq!(answer, uniform, "{finding:?}");
            let error = answer.into_result().unwrap_err();
            assert_eq!(error.code(), "code_not_claimable");
            assert_eq!(error.details(), None);
        }
        assert_eq!(customer_answer(CodeFinding::Unclaimed).into_result(), Ok(()));
    }

    #[test]
    fn staff_are_told_every_reason_apart() {
        let refusals: Vec<_> = CodeFinding::ALL
            .into_iter()
            .map(staff_answer)
            .filter(|answer| *answer != StaffAnswer::Usable)
            .map(|answer| format!("{answer:?}"))
            .collect();
        let distinct: BTreeSet<_> = refusals.iter().collect();
        assert_eq!(refusals.len(), 10);
        assert_eq!(distinct.len(), refusals.len());
    }

    #[test]
    fn the_public_page_says_nothing_about_plain_codes() {
        for finding in CodeFinding::ALL {
            assert_eq!(public_answer(CodeShape::Plain, finding), PublicAnswer::Unknown);
        }
    }

    #[test]
    fn the_public_page_does_not_tell_forged_and_foreign_from_unknown() {
        for finding in [CodeFinding::Unknown, CodeFinding::Forged, CodeFinding::Foreign] {
            assert_eq!(public_answer(CodeShape::Signed, finding).as_str(), "unknown");
            assert!(finding.is_wrong_guess());
        }
        assert_eq!(public_answer(CodeShape::Signed, CodeFinding::Held).as_str(), "genuine");
        assert_eq!(public_answer(CodeShape::Signed, CodeFinding::Voided).as_str(), "used");
    }
}
