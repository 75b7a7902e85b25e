//! Known defects and limits of Microsoft's published schemas.

use super::broken::Schema;

pub(super) const OPEN_ROOT: Schema =
    Schema::Accepts("the root allows any key, and does not list isDeployable");
pub(super) const LOOSE_VERSION: Schema = Schema::Accepts("the pattern of versions has no limits");
pub(super) const NO_FORMAT: Schema = Schema::Accepts("the moment of creation is any text");
pub(super) const DEAD_NAMES: Schema =
    Schema::Accepts("limits of names stand where they never apply");
pub(super) const LOOSE_NUMBER: Schema = Schema::Accepts("a size may be a fraction");
pub(super) const ACROSS: Schema = Schema::Accepts("a schema compares no fields with each other");
pub(super) const HANDLERS: Schema = Schema::Accepts("what handlers need is not in the schema");
pub(super) const CONTENT: Schema = Schema::Accepts("what a text means is not in the schema");
pub(super) const PROSE: Schema =
    Schema::Accepts("limits of properties stand in the documentation only");
pub(super) const PARSER: Schema = Schema::Accepts("a parser decided before the schema is asked");
