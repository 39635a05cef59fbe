//! The tree of categories (商品分类). A category stays where it was made: the way down to it is part of what offers and
//! past orders say, so another place is another category.

use super::{ArticleState, CatalogueError};

/// The most categories on a way from the root to a leaf.
pub const CATEGORY_DEPTH_MAX: u32 = 5;
/// The most categories of a brand, archived ones included: the tree is always read as a whole.
pub const CATEGORIES_MAX: i64 = 1_000;

/// Whether a category may be made below another one, and how deep it lies then.
pub fn decide_category_below(parent: Option<(u32, ArticleState)>) -> Result<u32, CatalogueError> {
    let Some((depth, state)) = parent else { return Ok(1) };
    if state == ArticleState::Archived {
        return Err(CatalogueError::CategoryArchived);
    }
    if depth >= CATEGORY_DEPTH_MAX {
        return Err(CatalogueError::CategoryTooDeep { max: CATEGORY_DEPTH_MAX });
    }
    Ok(depth.saturating_add(1))
}

/// Whether a category may be archived: nothing on sale is in it or below it.
pub fn decide_category_archive(state: ArticleState, active_inside: i64) -> Result<(), CatalogueError> {
    if state == ArticleState::Archived {
        return Err(CatalogueError::CategoryArchived);
    }
    if active_inside > 0 {
        return Err(CatalogueError::CategoryInUse);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_lie_five_deep_and_never_below_an_archived_one() {
        let below = |depth| decide_category_below(Some((depth, ArticleState::Active)));
        assert_eq!(decide_category_below(None), Ok(1));
        assert_eq!(below(4), Ok(5));
        assert_eq!(below(5), Err(CatalogueError::CategoryTooDeep { max: 5 }));
        let archived = decide_category_below(Some((1, ArticleState::Archived)));
        assert_eq!(archived, Err(CatalogueError::CategoryArchived));
    }

    #[test]
    fn a_category_with_something_on_sale_in_it_is_not_archived() {
        assert_eq!(decide_category_archive(ArticleState::Active, 1), Err(CatalogueError::CategoryInUse));
        assert_eq!(decide_category_archive(ArticleState::Active, 0), Ok(()));
        assert_eq!(decide_category_archive(ArticleState::Archived, 0), Err(CatalogueError::CategoryArchived));
    }
}
