//! People, accounts, sessions (robustness.md AC).

use crate::support::{clock, people, service};

#[tokio::test]
async fn a_world_of_groups_and_people_can_be_made() {
    let service = service(clock("2026-11-04T10:00:00Z")).await;

    let world = people::world(&service).await;

    let mut visitor = service.as_person(&world.chair).await;
    visitor.get("/nothing-here").await;
    visitor.assert_status(404).assert_says("Carol Chair");
}
