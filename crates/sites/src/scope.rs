//! Where things lie: subtrees, and where an act on an offer may happen.

use huike_kernel::NodeId;

use crate::SitesError;

/// Whether a node lies at or below the root. `path` leads from the head to the node, both included.
pub fn is_in_subtree(root: NodeId, path: &[NodeId]) -> bool {
    path.contains(&root)
}

/// Decides whether an act (claim, redemption) on an offer may happen at a place.
///
/// The place lies at or below the node that owns the offer; it lies below no excluded node; and if places are named, it lies
/// below one of them. An exclusion always wins: a named store in an excluded region stays excluded. Both paths lead from the
/// head to the node, both included. Alliances will widen this rule, and only here.
pub fn decide_place(
    owner_path: &[NodeId],
    place_path: &[NodeId],
    include: &[NodeId],
    exclude: &[NodeId],
) -> Result<(), SitesError> {
    if owner_path.is_empty() || !place_path.starts_with(owner_path) {
        return Err(SitesError::PlaceOutsideOwner);
    }
    if exclude.iter().any(|root| is_in_subtree(*root, place_path)) {
        return Err(SitesError::PlaceExcluded);
    }
    if !include.is_empty() && !include.iter().any(|root| is_in_subtree(*root, place_path)) {
        return Err(SitesError::PlaceNotIncluded);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(n: u8) -> NodeId {
        format!("00000000-0000-7000-8000-{n:012x}").parse().unwrap()
    }

    fn path(nodes: &[u8]) -> Vec<NodeId> {
        nodes.iter().map(|n| node(*n)).collect()
    }

    #[test]
    fn an_offer_of_the_head_is_good_everywhere_one_of_a_site_only_there() {
        assert_eq!(decide_place(&path(&[1]), &path(&[1, 2, 3]), &[], &[]), Ok(()));
        assert_eq!(decide_place(&path(&[1, 2]), &path(&[1, 2, 3]), &[], &[]), Ok(()));
        assert_eq!(decide_place(&path(&[1, 2]), &path(&[1, 4, 5]), &[], &[]), Err(SitesError::PlaceOutsideOwner));
        assert_eq!(decide_place(&path(&[1, 2]), &path(&[1]), &[], &[]), Err(SitesError::PlaceOutsideOwner));
    }

    #[test]
    fn named_places_narrow_and_exclusions_always_win() {
        let (head, store) = (path(&[1]), path(&[1, 2, 3]));
        assert_eq!(decide_place(&head, &store, &[node(2)], &[]), Ok(()));
        assert_eq!(decide_place(&head, &store, &[node(9)], &[]), Err(SitesError::PlaceNotIncluded));
        assert_eq!(decide_place(&head, &store, &[node(3)], &[node(2)]), Err(SitesError::PlaceExcluded));
    }

    #[test]
    fn an_owner_that_is_nowhere_owns_no_place() {
        assert_eq!(decide_place(&[], &path(&[1]), &[], &[]), Err(SitesError::PlaceOutsideOwner));
    }

    proptest! {
        #[test]
        fn no_list_ever_widens_an_offer_beyond_its_owner(
            owner in prop::collection::vec(1u8..6, 1..4),
            place in prop::collection::vec(1u8..6, 1..5),
            include in prop::collection::vec(1u8..6, 0..3),
            exclude in prop::collection::vec(1u8..6, 0..3),
        ) {
            let (owner, place, include, exclude) = (path(&owner), path(&place), path(&include), path(&exclude));
            if decide_place(&owner, &place, &include, &exclude).is_ok() {
                prop_assert_eq!(decide_place(&owner, &place, &[], &[]), Ok(()));
                prop_assert!(is_in_subtree(*owner.last().unwrap(), &place));
            }
        }
    }
}
