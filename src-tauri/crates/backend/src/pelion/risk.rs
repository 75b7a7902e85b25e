//! A risk that one plan names and another leaves out.

/// A risk of every upload without a campaign.
pub(super) const NAME_MUST_BE_FREE: &str =
    "The name must be free in the account. If it is not, nothing is sent.";
