//! Reading a template: in one's own tree, and above it what is live.

use huike_access::{AccessError, Permission, Scope, Sight};
use huike_coupons::TemplateState;
use huike_kernel::TemplateId;
use huike_persistence::{
    Db, scope,
    template_lists::{self, Listed},
    templates::Template,
};

use super::TEMPLATE;
use crate::UseCaseError;

/// The template, if the caller may read it.
pub fn find_readable(
    db: &mut Db,
    reach: &Scope,
    permission: Permission,
    id: TemplateId,
) -> Result<Listed, UseCaseError> {
    let found = template_lists::find(db, id)?.ok_or(UseCaseError::NotFound(TEMPLATE))?;
    if is_readable(db, reach, &found.template)? {
        return Ok(found);
    }
    match scope::sight(db, reach, found.template.site)? {
        Sight::Hidden => Err(UseCaseError::NotFound(TEMPLATE)),
        Sight::Visible | Sight::Permitted => Err(AccessError::PermissionDenied { permission }.into()),
    }
}

/// Whether the caller may read the template: it is theirs, or it is live and belongs to a node above theirs.
pub fn is_readable(db: &mut Db, reach: &Scope, template: &Template) -> Result<bool, UseCaseError> {
    if scope::sight(db, reach, template.site)? == Sight::Permitted {
        return Ok(true);
    }
    Ok(template.state == TemplateState::Live && scope::is_above_any(db, template.site, &reach.permitted)?)
}
