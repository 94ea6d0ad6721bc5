//! The static files: embedded, named by a hash of their content, cached for ever.

use std::sync::LazyLock;

use axum::Router;

/// Addresses of the files that every page names.
pub struct Assets {
    /// The style sheet.
    pub stylesheet: String,
    /// The script.
    pub script: String,
    /// The mark in the browser's tab.
    pub favicon: String,
}

/// The addresses of this build.
pub static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let serve = memory_serve::load!().index_file(None).enable_hashed_routes(true);
    let manifest = serve.manifest();
    let address = |file: &str| format!("/static{}", manifest.get(file).unwrap_or(file));
    Assets { stylesheet: address("/app.css"), script: address("/app.js"), favicon: address("/favicon.svg") }
});

/// Serves them below `/static`.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    memory_serve::load!().index_file(None).enable_hashed_routes(true).into_router()
}
