//! A request for a late undo, which takes two people.

use huike_kernel::words;

words!(
    /// Where a request for a late undo stands.
    RequestState, "request state" {
        /// It waits for the second person.
        Open = "open",
        /// The second person agreed; the redemption is undone.
        Approved = "approved",
        /// The second person did not agree, or the first took it back.
        Rejected = "rejected",
    }
);
