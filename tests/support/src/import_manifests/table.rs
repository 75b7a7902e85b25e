//! The rules that are broken, in their order.

use super::broken::{Broken, Schema};
use super::edit::{Edit, edited};

#[derive(Debug, Default)]
pub(super) struct Table(pub(super) Vec<Broken>);

impl Table {
    /// A manifest that breaks this rule by these edits.
    #[expect(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "the columns of the table, written where they stand"
    )]
    pub(super) fn add(
        &mut self,
        rule: &'static str,
        pointer: &'static str,
        schema: Schema,
        base: &str,
        edits: Vec<Edit>,
    ) {
        self.raw(rule, pointer, schema, edited(base, &edits));
    }

    /// Bytes that break this rule.
    pub(super) fn raw(
        &mut self,
        rule: &'static str,
        pointer: &'static str,
        schema: Schema,
        bytes: Vec<u8>,
    ) {
        self.0.push(Broken {
            rule,
            pointer,
            bytes,
            schema,
        });
    }
}
