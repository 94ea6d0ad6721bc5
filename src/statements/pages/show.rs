//! stub
use crate::web::error::Error;
/// stub
pub async fn page() -> Result<&'static str, Error> { Ok("") }
