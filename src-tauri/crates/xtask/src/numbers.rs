//! Small arithmetic of measuring.
