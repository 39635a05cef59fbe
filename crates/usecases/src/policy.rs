//! Who needs a second person (审核策略), as it is in force at a node.

use huike_access::ReviewPolicy;
use huike_kernel::NodeId;
use huike_persistence::{Db, StoreError, settings};
use huike_sites::{SettingKey, resolve};

use crate::UseCaseError;

/// The review policy in force at the node.
pub fn review_policy(db: &mut Db, node: NodeId) -> Result<ReviewPolicy, UseCaseError> {
    let chain = settings::find_chain(db, node)?.ok_or(UseCaseError::NotFound("node"))?;
    let value = resolve(&chain, SettingKey::ReviewPolicy).value;
    Ok(value.decode().map_err(|error| StoreError::corrupt("node_setting", error))?)
}
