//! Other forms of the public pages: downloads, feeds, the sitemap, what is kept, the description, texts of files.

mod caches;
mod downloads;
mod feeds;
mod openapi;
mod sitemap;
mod texts;

use crate::support::people::{World, world};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

const NOW: &str = "2026-11-25T10:00:00Z";

async fn begin() -> (TestService, World) {
    let service = service(clock(NOW)).await;
    let world = world(&service).await;
    (service, world)
}

/// Opens an address as a stranger; it must be there.
async fn opened(service: &TestService, path: &str) -> Visitor {
    let mut visitor = service.visitor();
    visitor.get(path).await;
    visitor.assert_status(200);
    visitor
}

/// The same as text.
async fn text(service: &TestService, path: &str) -> String {
    opened(service, path).await.page.source()
}

/// Lines of a CSV file, the names of its columns first.
fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|line| line.expect("CSV").iter().map(str::to_owned).collect()).collect()
}
