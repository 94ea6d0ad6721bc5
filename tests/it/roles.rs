//! Who holds which role where (domain.md 1).

use liaison_tracker::people::{RoleKind, store};

use crate::support::{clock, people, service};

#[tokio::test]
async fn holders_are_found_where_the_domain_says() {
    let service = service(clock("2026-11-04T10:00:00Z")).await;
    let world = people::world(&service).await;
    let today = service.app.today();
    let mut connection = service.app.pool.acquire().await.expect("a connection");
    let names = |holders: Vec<store::Holder>| holders.into_iter().map(|holder| holder.name).collect::<Vec<_>>();

    // a manager answers for all below their node, by their alias
    let managers = store::managers_for(&mut connection, today, world.group("itu-t-sg15-q14")).await.expect("managers");
    assert_eq!(managers[0].address, "itu-t-manager@ietf.example");
    assert_eq!(managers[0].group_label, "ITU-T");
    assert_eq!(names(managers), ["Ivo Manager"]);
    assert_eq!(names(store::managers_for(&mut connection, today, world.group("etsi-zsm")).await.expect("managers")), [""; 0]);

    // chairs of each kind of group
    for (acronym, chairs) in [
        ("wire", vec!["Carol Chair", "Chen Chair"]),
        ("net", vec!["Nora Director", "Niels Director"]),
        ("ietf", vec!["Iris Lead"]),
        ("iesg", vec!["Iris Lead"]),
        ("iab", vec!["Abel Lead"]),
        ("irtf", vec!["Rita Lead"]),
        ("etsi", vec!["Cora Coordinator", "Curt Coordinator"]),
    ] {
        assert_eq!(names(store::chairs_of(&mut connection, today, world.group(acronym)).await.expect("chairs")), chairs, "{acronym}");
    }

    // where nobody chairs: the responsible AD, else the area's ADs, else the coordinators
    drop(connection);
    sqlx::query("UPDATE roles SET ends_on = $1 WHERE kind = 'chair'").bind(today).execute(&service.app.pool).await.expect("roles");
    let mut connection = service.app.pool.acquire().await.expect("a connection");
    assert_eq!(names(store::chairs_of(&mut connection, today, world.group("keys")).await.expect("chairs")), ["Selma Director"]);
    drop(connection);
    people::role(&service.app, &world.ad_ops, RoleKind::ResponsibleAreaDirector, Some("keys")).await;
    sqlx::query("UPDATE roles SET ends_on = $1 WHERE person_id = $2")
        .bind(today)
        .bind(world.ad_net.id)
        .execute(&service.app.pool)
        .await
        .expect("roles");
    sqlx::query("UPDATE roles SET ends_on = $1 WHERE person_id = $2")
        .bind(today)
        .bind(world.ad2_net.id)
        .execute(&service.app.pool)
        .await
        .expect("roles");
    let mut connection = service.app.pool.acquire().await.expect("a connection");
    assert_eq!(names(store::chairs_of(&mut connection, today, world.group("keys")).await.expect("chairs")), ["Oskar Director"]);
    assert_eq!(names(store::responsible_directors(&mut connection, today, world.group("keys")).await.expect("directors")), ["Oskar Director"]);
    assert_eq!(names(store::responsible_directors(&mut connection, today, world.group("sec")).await.expect("directors")), ["Selma Director"]);
    assert_eq!(names(store::chairs_of(&mut connection, today, world.group("wire")).await.expect("chairs")), ["Cora Coordinator", "Curt Coordinator"]);

    // exactly those kinds at exactly those groups
    let secretaries = store::holders(&mut connection, today, &[RoleKind::Secretary], &[world.group("wire")]).await.expect("holders");
    assert_eq!(names(secretaries), ["Sven Secretary"]);
    let staff = store::holders(&mut connection, today, &[RoleKind::Coordinator, RoleKind::Secretariat], &[]).await.expect("holders");
    assert_eq!(names(staff), ["Cora Coordinator", "Curt Coordinator", "Stella Secretariat"]);
}
