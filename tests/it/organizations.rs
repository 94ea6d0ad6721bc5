//! Organizations, groups, relationships: their pages, and the command that keeps them.

use liaison_tracker::history::Actor;
use liaison_tracker::import::{self, Options};
use liaison_tracker::organizations::changes::{self, NewGroup};
use liaison_tracker::organizations::{GroupKind, GroupState};

use crate::support::{TestService, clock, service};

const NOW: &str = "2026-11-04T10:00:00Z";

async fn demonstration() -> TestService {
    let service = service(clock(NOW)).await;
    liaison_tracker::demo::make(&service.app).await.expect("a demonstration");
    service
}

#[tokio::test]
async fn organizations_stand_with_their_statements_and_manager() {
    let service = demonstration().await;
    let mut visitor = service.visitor();

    visitor.get("/organizations").await;
    visitor.assert_status(200).assert_says("Liaison Manager for ITU-T").assert_says("Formal, active").assert_says("No manager");
    let first: Vec<String> = visitor.page.texts("tbody th a").into_iter().take(2).collect();
    assert_eq!(first, ["3GPP", "BBF"]);

    visitor.click("ITU-T").await;
    visitor.assert_at("/organizations/itu-t").assert_says("Formal relationship, active").assert_says("RFC 6756");
    visitor.assert_says("liaison-itu-t@demo.example").assert_says("iab@demo.example").assert_says("How to send");
    visitor.click("ITU-T SG11").await;
    visitor.assert_at("/groups/itu-t-sg11").assert_says("ITU › ITU-T › ITU-T SG11").assert_says("Something wrong?");
}

#[tokio::test]
async fn an_organization_without_a_manager_leads_to_the_coordinators() {
    let service = demonstration().await;
    let mut visitor = service.visitor();

    visitor.get("/organizations/etsi").await;

    visitor.assert_says("no formal relationship").assert_says("First the liaison coordinators").assert_silent("liaison-itu-t");
}

#[tokio::test]
async fn a_group_names_its_people_and_never_their_own_addresses() {
    let service = demonstration().await;
    let mut visitor = service.visitor();

    visitor.get("/groups/NMOP").await;

    visitor.assert_status(200).assert_says("Chair of NMOP").assert_says("Secretary of NMOP").assert_says("Area Director of OPS");
    visitor.assert_says("nmop-chairs@demo.example").assert_silent("chair-nmop@demo.example").assert_silent("ad-ops@demo.example");
}

#[tokio::test]
async fn a_former_acronym_leads_on_for_good_and_an_unknown_one_nowhere() {
    let service = demonstration().await;
    let mut visitor = service.visitor();
    visitor.follows = false;

    for (from, status, to) in [
        ("/groups/IEEE-80211", 301, "/groups/ieee-802-11"),
        ("/organizations/isoiec-jtc1-sc29", 301, "/organizations/iso-iec-jtc1-sc29"),
        ("/groups/itu-t", 303, "/organizations/itu-t"),
        ("/organizations/nmop", 303, "/groups/nmop"),
    ] {
        visitor.get(from).await;
        visitor.assert_status(status);
        assert_eq!(visitor.page.header("location"), to, "{from}");
    }
    for nowhere in ["/groups/none", "/organizations/none", "/groups/a%00b", "/groups/%C3%A9"] {
        visitor.get(nowhere).await;
        visitor.assert_status(404);
    }
}

#[tokio::test]
async fn large_trees_fit_into_the_first_round_trip() {
    let service = demonstration().await;
    let mut visitor = service.visitor();
    visitor.extra_headers.push(("accept-encoding".to_owned(), "gzip".to_owned()));

    for page in ["/organizations", "/organizations/ietf", "/organizations/itu", "/groups/app", "/groups/int", "/help", "/relationships"] {
        visitor.get(page).await;
        visitor.assert_status(200);
        assert!(visitor.page.bytes.len() < 14_000, "{page} has {} bytes", visitor.page.bytes.len());
    }
}

#[tokio::test]
async fn suggestions_lead_back_to_the_group_they_name() {
    let service = demonstration().await;
    let mut visitor = service.visitor();

    visitor.get("/groups/suggest?q=sg11").await;
    visitor.assert_status(200);
    let found: serde_json::Value = serde_json::from_slice(&visitor.page.bytes).expect("JSON");
    assert_eq!(found[0]["value"], "ITU-T SG11");
    assert_eq!(found[0]["label"], "ITU-T SG11 – Study Group 11");
    assert!(found.as_array().expect("a list").len() <= 8);

    visitor.get("/groups/suggest?q=nm&side=peer").await;
    let peers = visitor.page.source();
    assert!(!peers.contains("NMOP"), "{peers}");
    for odd in ["/groups/suggest", "/groups/suggest?q=%00", "/groups/suggest?q=%25_%5C&side=x"] {
        visitor.get(odd).await;
        visitor.assert_status(200);
    }
}

#[tokio::test]
async fn a_group_is_added_renamed_moved_and_concluded_with_its_history() {
    let service = demonstration().await;
    let (app, actor) = (&service.app, Actor::system());
    let mut visitor = service.visitor();
    visitor.get("/groups/suggest?q=greener").await;
    assert_eq!(visitor.page.source(), "[]");

    let new = NewGroup {
        acronym: "greener".to_owned(),
        name: "Getting Ready for Energy Efficiency".to_owned(),
        under: Some("ops".to_owned()),
        kind: GroupKind::Wg,
        state: GroupState::Active,
        is_home: false,
        may_send: true,
        may_receive: true,
    };
    changes::add(app, &actor, &new).await.expect("a group");
    changes::rename(app, &actor, "greener", Some("greenest"), None, Some("2026-11")).await.expect("another acronym");
    changes::move_under(app, &actor, "greenest", "rtg").await.expect("another place");
    changes::conclude(app, &actor, "greenest", "2026-12-01".parse().expect("a day"), Some("nmop")).await.expect("an end");

    visitor.get("/groups/greener").await;
    visitor.assert_at("/groups/greenest").assert_says("IETF › Routing Area › GREENEST").assert_says("Concluded on 1 December 2026");
    visitor.assert_says("NMOP takes its place").assert_says("greener (until 2026-11)");
    visitor.get("/groups/suggest?q=greener").await;
    visitor.assert_says("GREENEST");
    let events: Vec<String> =
        sqlx::query_scalar("SELECT event FROM history JOIN groups USING (group_id) WHERE acronym = 'greenest' ORDER BY history_id")
            .fetch_all(&app.pool)
            .await
            .expect("history");
    assert_eq!(events, ["group-added", "group-renamed", "group-moved", "group-concluded"]);
    for (taken, under) in [("NMOP", "ops"), ("GREENER", "ops"), ("not plain", "ops"), ("fine", "none")] {
        let refused = changes::add(app, &actor, &NewGroup { acronym: taken.to_owned(), under: Some(under.to_owned()), ..new.clone() }).await;
        assert!(refused.is_err(), "{taken} under {under}");
    }
    let research = NewGroup { acronym: "twinrg".to_owned(), under: Some("irtf".to_owned()), kind: GroupKind::Rg, ..new.clone() };
    changes::add(app, &actor, &research).await.expect("a research group");
    let sends: bool = sqlx::query_scalar("SELECT may_send FROM groups WHERE acronym = 'twinrg'").fetch_one(&app.pool).await.expect("a group");
    assert!(!sends, "research groups send none, whatever was said");
    let told = changes::permit(app, &actor, "twinrg", Some(true), None).await.expect_err("a refusal");
    assert!(told.to_string().contains("research groups and the IRTF send none"), "{told}");
    let below_itself = changes::move_under(app, &actor, "rtg", "spring").await.expect_err("a refusal");
    assert!(below_itself.to_string().contains("can't stand below"), "{below_itself}");

    // what was renamed here is known to a further import by either name
    let source = liaison_tracker::demo::source().expect("data");
    let report =
        import::run(&app.pool, &app.clock, &source, Options { skip_unnumbered_without_home_side: true, dry_run: false }).await.expect("an import");
    assert_eq!((report.groups, report.statements), (0, 0));
}

#[tokio::test]
async fn an_address_is_stored_once_and_a_persons_is_not_shown() {
    let service = demonstration().await;
    let (app, actor) = (&service.app, Actor::system());
    let mailbox = "Ann Jones <ann.jones@example.com>".parse().expect("a mailbox");
    let list = "sg17@example.com".parse().expect("a mailbox");

    assert!(changes::add_contact(app, &actor, "itu-t-sg17", "to", &mailbox, "person").await.expect("stored"));
    assert!(changes::add_contact(app, &actor, "itu-t-sg17", "to", &list, "list").await.expect("stored"));
    assert!(!changes::add_contact(app, &actor, "itu-t-sg17", "to", &list, "list").await.expect("stored already"));

    let mut visitor = service.visitor();
    visitor.get("/groups/itu-t-sg17").await;
    visitor.assert_says("sg17@example.com").assert_silent("ann.jones");
    changes::remove_contact(app, &actor, "itu-t-sg17", None, &list).await.expect("taken away");
    visitor.get("/groups/itu-t-sg17").await;
    visitor.assert_silent("sg17@example.com, ");
    assert!(changes::remove_contact(app, &actor, "itu-t-sg17", None, &list).await.is_err());
}

#[tokio::test]
async fn relationships_are_one_table() {
    let service = demonstration().await;
    let mut visitor = service.visitor();

    visitor.get("/relationships").await;

    visitor.assert_says("11 formal relationships, 16 in all").assert_says("liaison-3gpp@demo.example").assert_says("RFC 3113").assert_says("Ended");
}
