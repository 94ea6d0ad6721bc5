//! Live exchanges of the demonstration: statements that are being drafted, checked, answered and late.

use crate::App;

/// Makes them, by the same steps that people take; called once, when there is none.
///
/// # Errors
/// A step's.
pub async fn exchanges(_app: &App) -> anyhow::Result<()> {
    Ok(())
}
