//! Every filter and sort of the list, against a count by hand over the same statements.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use liaison_tracker::checkup::store::broken;
use liaison_tracker::ids::SessionId;
use liaison_tracker::people::{Role, RoleKind, Viewer};
use liaison_tracker::statements::pages::asked::Asked;
use liaison_tracker::statements::store::list;
use liaison_tracker::statements::{Order, Sort};

use crate::support::people::{World, world};
use crate::support::posted::{NewAction, NewStatement, act, incoming, put};
use crate::support::visitor::Visitor;
use crate::support::{TestService, clock, service};

const TODAY: &str = "2026-11-25";

async fn begin() -> (TestService, World) {
    let service = service(clock("2026-11-25T10:00:00Z")).await;
    let world = world(&service).await;
    (service, world)
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("a small number") % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

#[derive(Debug, Clone, Default)]
struct Addressee {
    group: &'static str,
    purpose: &'static str,
    handling: &'static str,
    due: Option<NaiveDate>,
    assignee: &'static str,
}

/// A statement as the test knows it.
#[derive(Debug, Clone, Default)]
struct Known {
    number: i32,
    direction: &'static str,
    purpose: &'static str,
    day: NaiveDate,
    title: String,
    from: &'static str,
    to: Vec<Addressee>,
    copy: Vec<&'static str>,
    body: &'static str,
}

const OPEN: [&str; 4] = ["open", "in-progress", "waiting", "awaited"];

impl Known {
    fn deadline(&self) -> Option<NaiveDate> {
        let open = self.to.iter().filter(|to| OPEN.contains(&to.handling)).filter_map(|to| to.due).min();
        open.or_else(|| self.to.iter().filter_map(|to| to.due).max())
    }

    fn to_text(&self) -> String {
        self.to.iter().map(|to| label(to.group)).collect::<Vec<_>>().join(", ").to_lowercase()
    }
}

fn label(group: &str) -> &str {
    match group {
        "itu-t-sg11" => "ITU-T SG11",
        "itu-t-sg15-q14" => "ITU-T SG15 Q14",
        "3gpp-sa3" => "3GPP SA3",
        "etsi" => "ETSI",
        "wire" => "WIRE",
        "mesh" => "MESH",
        "keys" => "KEYS",
        "bench" => "BENCH",
        other => panic!("no label for {other}"),
    }
}

async fn fill(service: &TestService, many: i32) -> Vec<Known> {
    let mut dice = Dice(11);
    let mut known = Vec::new();
    for number in 1..=many {
        let is_incoming = dice.below(3) > 0;
        let (peers, homes) = (["itu-t-sg11", "itu-t-sg15-q14", "3gpp-sa3", "etsi"], ["wire", "mesh", "keys", "bench"]);
        let (from, others) = if is_incoming { (dice.of(&peers), homes) } else { (dice.of(&homes), peers) };
        let mut groups: Vec<&'static str> = (0..dice.below(3) + 1).map(|_| dice.of(&others)).collect();
        groups.sort_unstable();
        groups.dedup();
        let purpose = dice.of(&["for-action", "for-action", "for-information", "in-response"]);
        let addressees = groups.into_iter().map(|group| {
            let own = dice.of(&[None, None, Some("for-information"), Some("for-action")]);
            let asked = own.unwrap_or(purpose);
            let mut to = Addressee { group, purpose: asked, ..Addressee::default() };
            let handlings: &[&'static str] = match (is_incoming, asked) {
                (true, "for-action") => &["open", "in-progress", "waiting", "responded", "closed-without-reply", "unknown"],
                (true, "for-information") => &["open", "noted", "no-action-recorded"],
                (false, "for-action") => &["awaited", "answered"],
                _ => &[],
            };
            if !handlings.is_empty() {
                to.handling = dice.of(handlings);
                to.assignee = dice.of(&["", "Carol Chair", "Ann Other"]);
            }
            if asked == "for-action" && dice.below(4) > 0 {
                let days = u64::try_from(dice.below(120)).expect("days");
                to.due = Some(day(TODAY) - Days::new(60) + Days::new(days));
            }
            (own, to)
        });
        let (own, to): (Vec<_>, Vec<_>) = addressees.unzip();
        let copy = if dice.below(4) == 0 { vec![dice.of(&["wire", "mesh", "keys", "itu-t-sg11"])] } else { vec![] };
        let statement = Known {
            number,
            direction: if is_incoming { "incoming" } else { "outgoing" },
            purpose,
            day: day("2024-06-01") + Days::new(u64::try_from(dice.below(700)).expect("days")),
            title: dice.of(&["Alpha reply", "beta letter", "Beta letter", "gamma", "\u{201c}Delta\u{201d} v1.2"]).to_owned(),
            from,
            to,
            copy,
            body: dice.of(&["on quantum clocks", "on nothing much", "networks of quantum clocks"]),
        };
        let groups: Vec<&str> = statement.to.iter().map(|to| to.group).collect();
        let new = NewStatement {
            direction: statement.direction,
            title: &statement.title,
            body: statement.body,
            purpose: Some(purpose),
            posted: &statement.day.to_string(),
            from: &[from],
            to: &groups,
            purposes: &own,
            copy: &statement.copy,
            ..incoming(number)
        };
        let id = put(&service.app, &new).await;
        for to in statement.to.iter().filter(|to| !to.handling.is_empty()) {
            let is_open = OPEN.contains(&to.handling) || to.handling == "unknown";
            let due = to.due.map(|day| day.to_string());
            let action = NewAction {
                group: to.group,
                purpose: to.purpose,
                state: to.handling,
                assignee: to.assignee,
                due_on: due.as_deref(),
                closed_on: (!is_open).then_some("2026-01-01"),
            };
            act(&service.app, id, action).await;
        }
        known.push(statement);
    }
    known
}

/// Each group with all above it.
async fn lines(service: &TestService) -> HashMap<String, BTreeSet<String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT below.acronym, above.acronym FROM group_ancestors
           JOIN groups AS below ON below.group_id = group_ancestors.group_id
           JOIN groups AS above ON above.group_id = ancestor_id",
    )
    .fetch_all(&service.app.pool)
    .await
    .expect("groups");
    let mut lines: HashMap<String, BTreeSet<String>> = HashMap::new();
    for (below, above) in rows {
        lines.entry(below).or_default().insert(above);
    }
    lines
}

const ASKED: &[(&str, &str)] = &[
    ("q", "quantum"),
    ("q", "\"quantum clocks\" -networks"),
    ("organization", "itu-t"),
    ("organization", "wire"),
    ("from", "3gpp"),
    ("from", "net"),
    ("to", "net"),
    ("to", "keys"),
    ("copy", "ietf"),
    ("copy", "itu-t"),
    ("direction", "incoming"),
    ("direction", "between-others"),
    ("purpose", "for-action"),
    ("purpose", "for-information"),
    ("handling", "open"),
    ("handling", "responded"),
    ("handling", "awaited"),
    ("due", "past"),
    ("due", "week"),
    ("due", "month"),
    ("due", "none"),
    ("assignee", "carol chair"),
    ("year", "2025"),
    ("date-from", "March 2025"),
    ("date-to", "2025-09-30"),
];

/// What the list must show, by hand.
fn is_meant(known: &Known, asked: &[(&str, &str)], lines: &HashMap<String, BTreeSet<String>>) -> bool {
    let value = |name: &str| asked.iter().find(|(asked, _)| *asked == name).map(|(_, value)| *value);
    let below = |group: &str, above: &str| lines[group].contains(above);
    let is_past = |to: &Addressee| ["open", "in-progress"].contains(&to.handling) && to.due.is_some_and(|due| due < day(TODAY));
    let within =
        |to: &Addressee, days| OPEN.contains(&to.handling) && to.due.is_some_and(|due| due >= day(TODAY) && due <= day(TODAY) + Days::new(days));
    let to = value("to");
    let addressee = |one: &Addressee| {
        to.is_none_or(|above| below(one.group, above))
            && value("purpose").is_none_or(|purpose| to.is_none() || one.purpose == purpose)
            && value("handling").is_none_or(|handling| one.handling == handling)
            && value("assignee").is_none_or(|name| one.assignee.to_lowercase() == name)
            && match value("due") {
                Some("past") => is_past(one),
                Some("week") => within(one, 7),
                Some("month") => within(one, 30),
                Some("none") if to.is_some() => one.due.is_none() || one.handling.is_empty(),
                _ => true,
            }
    };
    let day_of = |text| day(text);
    known.to.iter().any(addressee)
        && value("q").is_none_or(|q| if q == "quantum" { known.body != "on nothing much" } else { known.body == "on quantum clocks" })
        && value("organization").is_none_or(|above| {
            let parties = known.to.iter().map(|to| to.group).chain(known.copy.iter().copied()).chain([known.from]);
            parties.into_iter().any(|group| below(group, above))
        })
        && value("from").is_none_or(|above| below(known.from, above))
        && value("copy").is_none_or(|above| known.copy.iter().any(|group| below(group, above)))
        && value("direction").is_none_or(|direction| known.direction == direction)
        && value("purpose").is_none_or(|purpose| to.is_some() || known.purpose == purpose)
        && (value("due") != Some("none") || to.is_some() || known.to.iter().all(|to| to.due.is_none() || to.handling.is_empty()))
        && value("year").is_none_or(|_| (day_of("2025-01-01")..=day_of("2025-12-31")).contains(&known.day))
        && value("date-from").is_none_or(|_| known.day >= day_of("2025-03-01"))
        && value("date-to").is_none_or(|_| known.day <= day_of("2025-09-30"))
}

/// How two of them stand to each other in a list.
fn order(one: &Known, other: &Known, sort: Sort, order: Order) -> Ordering {
    let newest = other.number.cmp(&one.number);
    let title = |known: &Known| known.title.to_lowercase().trim_start_matches('\u{201c}').to_owned();
    let from = |known: &Known| label(known.from).to_lowercase();
    let upward = match sort {
        Sort::Date => one.day.cmp(&other.day).then(newest.reverse()),
        Sort::Title => title(one).cmp(&title(other)).then(newest),
        Sort::From => from(one).cmp(&from(other)).then(newest),
        Sort::To => one.to_text().cmp(&other.to_text()).then(newest),
        Sort::Deadline => {
            let last = one.acted_deadline().is_none().cmp(&other.acted_deadline().is_none());
            let days = one.acted_deadline().cmp(&other.acted_deadline());
            // those without come last both ways, and the newest of one day first
            return last.then(if order == Order::Ascending { days } else { days.reverse() }).then(newest);
        }
    };
    if order == Order::Ascending { upward } else { upward.reverse() }
}

impl Known {
    /// The deadline, where there is an action that has it.
    fn acted_deadline(&self) -> Option<NaiveDate> {
        let acted = Self { to: self.to.iter().filter(|to| !to.handling.is_empty()).cloned().collect(), ..self.clone() };
        acted.deadline()
    }
}

fn chair(world: &World) -> Viewer {
    let role = Role { kind: RoleKind::Coordinator, group_id: None, root_id: None, group_label: String::new(), alias: None, away_until: None };
    Viewer {
        person_id: world.coordinator.id,
        name: world.coordinator.name.clone(),
        address: world.coordinator.address.clone(),
        session_id: SessionId(1),
        roles: vec![role],
    }
}

/// All pages of a list, from the first to the last and back; both must be the same rows.
async fn walk(service: &TestService, viewer: &Viewer, query: &str) -> Vec<i32> {
    let read = async |query: &str| {
        let asked = Asked::read(&service.app.pool, Some(query), Some(viewer), day(TODAY)).await.expect("a query");
        assert_eq!(asked.notices, [""; 0], "{query}");
        let found = list::list(&service.app.pool, &asked.filter()).await.unwrap_or_else(|error| panic!("{query}: {error}"));
        let numbers: Vec<i32> = found.rows.iter().map(|row| row.number).collect();
        (numbers, asked.previous("", &found), asked.next("", &found), found.count)
    };
    let (mut forth, _, mut next, count) = read(query).await;
    let mut previous = None;
    let mut last = forth.clone();
    while let Some(url) = next {
        (last, previous, next, _) = read(url.trim_start_matches('?')).await;
        forth.extend(&last);
    }
    let mut pages = vec![last];
    while let Some(url) = previous {
        let page;
        (page, previous, _, _) = read(url.trim_start_matches('?')).await;
        pages.push(page);
    }
    let back: Vec<i32> = pages.into_iter().rev().flatten().collect();
    assert_eq!(forth, back, "{query}");
    if let Some(count) = count {
        assert_eq!(usize::try_from(count).ok(), Some(forth.len()), "{query}");
    }
    forth
}

fn query(asked: &[(&str, &str)], sort: Sort, order: Order) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(asked).append_pair("sort", sort.as_str()).append_pair("order", order.as_str());
    query.finish()
}

#[tokio::test]
async fn each_filter_alone_and_with_each_other_finds_what_a_count_by_hand_does() {
    let (service, world) = begin().await;
    let known = fill(&service, 170).await;
    let lines = lines(&service).await;
    let viewer = chair(&world);
    let mut dice = Dice(5);
    let mut found_some = 0;

    for (at, one) in ASKED.iter().enumerate() {
        for other in std::iter::once(one).chain(&ASKED[at + 1..]) {
            let mut asked = vec![*one];
            if other != one {
                if other.0 == one.0 {
                    continue;
                }
                asked.push(*other);
            }
            // three at once, where a third is of another kind
            let third = dice.of(ASKED);
            if dice.below(3) == 0 && asked.iter().all(|(name, _)| *name != third.0) {
                asked.push(third);
            }
            let (sort, order_of) = if dice.below(2) == 0 { (Sort::Date, Order::Descending) } else { (dice.of(Sort::ALL), dice.of(Order::ALL)) };
            let mut meant: Vec<&Known> = known.iter().filter(|known| is_meant(known, &asked, &lines)).collect();
            meant.sort_by(|one, other| order(one, other, sort, order_of));
            let meant: Vec<i32> = meant.iter().map(|known| known.number).collect();

            assert_eq!(walk(&service, &viewer, &query(&asked, sort, order_of)).await, meant, "{asked:?} {sort:?} {order_of:?}");
            found_some += usize::from(!meant.is_empty());
        }
    }
    assert!(found_some > 150, "{found_some} lists hold anything");
    assert_eq!(broken_lists(&service).await, [""; 0]);
}

/// What `check` says of lists. Other rules are not kept by statements put straight into the tables.
async fn broken_lists(service: &TestService) -> Vec<String> {
    let found = broken(&service.app.pool).await.expect("a check");
    found.iter().filter(|broken| broken.rule.contains("listed") || broken.rule.contains("search")).map(ToString::to_string).collect()
}

#[tokio::test]
async fn each_sort_gives_every_statement_once_both_ways() {
    let (service, world) = begin().await;
    let mut known = fill(&service, 230).await;
    let viewer = chair(&world);

    for sort in Sort::ALL {
        for order_of in Order::ALL {
            known.sort_by(|one, other| order(one, other, *sort, *order_of));
            let meant: Vec<i32> = known.iter().map(|known| known.number).collect();
            assert_eq!(walk(&service, &viewer, &query(&[], *sort, *order_of)).await, meant, "{sort:?} {order_of:?}");
            let meant: Vec<i32> = known.iter().filter(|known| known.body != "on nothing much").map(|known| known.number).collect();
            assert_eq!(walk(&service, &viewer, &query(&[("q", "quantum")], *sort, *order_of)).await, meant, "quantum {sort:?} {order_of:?}");
        }
    }
}

fn numbers(visitor: &Visitor) -> Vec<String> {
    visitor.page.texts("td.register-number").iter().map(|text| text.replace("Statement ", "")).collect()
}

#[tokio::test]
async fn sorting_keeps_the_filters_and_says_so() {
    let (service, _) = begin().await;
    fill(&service, 120).await;
    let mut visitor = service.visitor();

    visitor.get("/statements?direction=incoming&year=2025&q=quantum").await;
    let by_date = numbers(&visitor);
    for (link, title) in [
        ("Deadline", "quantum, Incoming, Year 2025 – Statements, earliest deadline first – Liaison Tracker"),
        ("Title", "quantum, Incoming, Year 2025 – Statements, by title, A to Z – Liaison Tracker"),
        ("Reverse order", "quantum, Incoming, Year 2025 – Statements, by title, Z to A – Liaison Tracker"),
        ("From", "quantum, Incoming, Year 2025 – Statements, by sender, A to Z – Liaison Tracker"),
        ("To", "quantum, Incoming, Year 2025 – Statements, by addressee, A to Z – Liaison Tracker"),
        ("Newest", "quantum, Incoming, Year 2025 – Statements – Liaison Tracker"),
        ("Reverse order", "quantum, Incoming, Year 2025 – Statements, oldest first – Liaison Tracker"),
    ] {
        visitor.click(link).await;
        assert_eq!(visitor.page.texts("title"), [title]);
        let caption = visitor.page.texts("caption");
        assert_eq!(caption, visitor.page.texts(".list-line p"), "{link}");
        assert!(caption[0].starts_with(&format!("{} statements, ", by_date.len())), "{caption:?}");
        let sorted: BTreeSet<String> = numbers(&visitor).into_iter().collect();
        assert_eq!(sorted, by_date.iter().cloned().collect(), "{link}");
        assert_eq!(visitor.page.texts(".chip").len(), 3);
    }
    let oldest: Vec<String> = by_date.into_iter().rev().collect();
    assert_eq!(numbers(&visitor), oldest);

    // the form keeps the order, and a page tells where it is
    visitor.submit("Apply", &[("Words or reference", ""), ("Year", ""), ("Direction", "Any")]).await;
    visitor.assert_says("oldest first");
    visitor.click("Title").await;
    let last = numbers(&visitor).last().cloned().expect("a row");
    visitor.click("Next").await;
    assert_eq!(visitor.page.texts("title"), [format!("Statements, by title, A to Z, after Statement {last} – Liaison Tracker")]);
    visitor.click("Previous").await;
    assert_eq!(numbers(&visitor).last(), Some(&last));
}

#[tokio::test]
async fn every_field_keeps_what_was_asked_and_every_chip_takes_it_away() {
    let (service, world) = begin().await;
    let id = put(&service.app, &NewStatement { purpose: Some("for-action"), copy: &["mesh"], ..incoming(1) }).await;
    let action =
        NewAction { group: "wire", purpose: "for-action", state: "open", assignee: "Carol Chair", due_on: Some("2026-11-21"), closed_on: None };
    act(&service.app, id, action).await;
    let mut visitor = service.as_person(&world.chair).await;

    visitor.get("/statements").await;
    let fields = [
        ("Words or reference", "framing"),
        ("Organization or group", "ITU-T"),
        ("Direction", "Incoming"),
        ("Purpose", "For Action"),
        ("Where it stands", "Open"),
        ("Deadline", "Late"),
        ("Year", "2026"),
        ("From", "itu-t-sg11"),
        ("To", "Wire Formats"),
        ("In copy", "MESH; "),
        ("Who sees to it", "Carol Chair"),
        ("Dated from", "Oct 2026"),
        ("Dated until", "2026-10-31"),
    ];
    visitor.submit("Apply", &fields).await;
    assert_eq!(numbers(&visitor), ["1"]);
    let chips: Vec<String> = visitor.page.texts(".chip").iter().map(|text| text.replace(" ✕remove", "")).collect();
    assert_eq!(
        chips,
        [
            "“framing”",
            "ITU-T and below",
            "Incoming",
            "For Action",
            "Open",
            "Late",
            "Year 2026",
            "From ITU-T SG11 and below",
            "To WIRE and below",
            "In copy: MESH and below",
            "With Carol Chair",
            "Dated October 2026 or later",
            "Dated 31 Oct 2026 or earlier",
        ]
    );
    let address = visitor.page.path.clone();
    // sent again as it stands, the form asks for the same
    visitor.submit("Apply", &[]).await;
    let again: Vec<String> = visitor.page.texts(".chip").iter().map(|text| text.replace(" ✕remove", "")).collect();
    assert_eq!(again, chips);
    for chip in &chips {
        visitor.get(&address).await;
        visitor.click(&format!("{chip} ✕remove")).await;
        let rest: Vec<String> = visitor.page.texts(".chip").iter().map(|text| text.replace(" ✕remove", "")).collect();
        let expected: Vec<String> = chips.iter().filter(|other| *other != chip).cloned().collect();
        assert_eq!(rest, expected, "{chip}");
    }
    visitor.click("Clear all").await;
    assert_eq!(visitor.page.texts(".chip"), [""; 0]);
}

#[tokio::test]
async fn who_has_it_and_late_are_for_role_holders() {
    let (service, world) = begin().await;
    for (number, assignee) in [(1, "Carol Chair"), (2, "")] {
        let id = put(&service.app, &NewStatement { purpose: Some("for-action"), ..incoming(number) }).await;
        let action = NewAction { group: "wire", purpose: "for-action", state: "open", assignee, due_on: Some("2026-11-24"), closed_on: None };
        act(&service.app, id, action).await;
    }
    let query = "/statements?due=past&assignee=Carol+Chair";

    for mut visitor in [service.visitor(), service.as_person(&world.outsider).await] {
        for path in [query, "/api/v1/statements?due=past&assignee=Carol+Chair", "/statements?assignee=Nobody+Known"] {
            visitor.get(path).await;
            visitor
                .assert_status(200)
                .assert_says("Who sees to a statement is told to role-holders only")
                .assert_silent("Carol")
                .assert_silent("nobody who");
        }
        visitor.get(query).await;
        assert_eq!(numbers(&visitor), ["2", "1"]);
        assert_eq!(visitor.page.texts(".chip"), ["Day past, no reply recorded ✕remove"]);
        visitor.assert_silent("Late").assert_silent("Who sees to it");
    }
    let mut chair = service.as_person(&world.chair).await;
    chair.get(query).await;
    assert_eq!(numbers(&chair), ["1"]);
    assert_eq!(chair.page.texts(".chip"), ["Late ✕remove", "With Carol Chair ✕remove"]);
    chair.get("/statements?assignee=Nobody+Known").await;
    chair.assert_says("“Nobody Known” is nobody who sees to a statement, so it was ignored.");
    assert_eq!(numbers(&chair), ["2", "1"]);
}

#[tokio::test]
async fn purpose_speaks_of_the_addressee_asked_for() {
    let (service, _) = begin().await;
    let three = NewStatement {
        purpose: Some("for-action"),
        to: &["wire", "bench", "keys"],
        purposes: &[None, Some("for-information"), Some("for-information")],
        ..incoming(1)
    };
    let id = put(&service.app, &three).await;
    let action = NewAction { group: "wire", purpose: "for-action", state: "open", assignee: "", due_on: Some("2027-01-24"), closed_on: None };
    act(&service.app, id, action).await;
    act(&service.app, id, NewAction { group: "bench", purpose: "for-information", due_on: None, ..action }).await;
    act(
        &service.app,
        id,
        NewAction { group: "keys", purpose: "for-information", state: "noted", due_on: None, closed_on: Some("2026-11-20"), ..action },
    )
    .await;
    let mut visitor = service.visitor();

    for (query, is_shown) in [
        ("purpose=for-action&to=wire", true),
        ("purpose=for-action&to=net", true),
        ("purpose=for-action&to=ietf", true),
        ("purpose=for-action&to=bench", false),
        ("purpose=for-information&to=bench", true),
        ("purpose=for-information&to=wire", false),
        ("purpose=for-action", true),
        ("purpose=for-information", false),
        ("purpose=for-action&organization=bench", true),
        ("handling=noted&to=keys", true),
        ("handling=noted&to=bench", false),
        ("handling=noted&to=ietf&purpose=for-action", false),
        ("handling=noted", true),
        ("due=none&to=bench", true),
        ("due=none&to=wire", false),
        ("due=none", false),
    ] {
        for path in ["/statements", "/api/v1/statements"] {
            visitor.get(&format!("{path}?{query}")).await;
            visitor.assert_status(200);
            if is_shown {
                visitor.assert_says("On the framing of packets");
            } else {
                visitor.assert_silent("On the framing of packets");
            }
        }
    }
}

#[tokio::test]
async fn an_address_works_for_a_colleague_and_for_programs() {
    let (service, world) = begin().await;
    let known = fill(&service, 90).await;
    let mut chair = service.as_person(&world.chair).await;
    let mut stranger = service.visitor();

    chair.get("/statements").await;
    chair.submit("Apply", &[("From", "3GPP"), ("To", "wire"), ("Year", "2025")]).await;
    let address = chair.page.path.clone();
    let shown = numbers(&chair);
    let meant = known.iter().filter(|known| known.from == "3gpp-sa3" && known.to.iter().any(|to| to.group == "wire"));
    let meant = meant.filter(|known| known.day.format("%Y").to_string() == "2025").count();
    assert!(meant > 0 && shown.len() == meant, "{shown:?}");
    stranger.get(&address).await;
    assert_eq!(numbers(&stranger), shown);

    for query in [
        "",
        "?from=3gpp&to=wire&year=2025",
        "?sort=title&order=descending",
        "?sort=deadline&purpose=for-action&q=quantum",
        "?due=month&sort=to",
        "?handling=open&to=net&date-from=2025",
    ] {
        stranger.get(&format!("/statements{query}")).await;
        let page = numbers(&stranger);
        stranger.get(&format!("/api/v1/statements{query}")).await;
        let api: serde_json::Value = serde_json::from_slice(&stranger.page.bytes).expect("JSON");
        let rows: Vec<String> = api["statements"].as_array().expect("rows").iter().map(|row| row["number"].to_string()).collect();
        assert_eq!((&rows, &api["notices"]), (&page, &serde_json::json!([])), "{query}");
        assert!(!page.is_empty(), "{query}");
    }
}

#[tokio::test]
async fn what_changes_later_is_listed_as_it_stands() {
    let (service, world) = begin().await;
    let pool = &service.app.pool;
    let id = put(&service.app, &NewStatement { purpose: Some("for-action"), ..incoming(1) }).await;
    let action = NewAction { group: "wire", purpose: "for-action", state: "open", assignee: "", due_on: Some("2026-12-01"), closed_on: None };
    act(&service.app, id, action).await;
    put(&service.app, &incoming(2)).await;
    let viewer = chair(&world);
    let listed = async |query: &str| {
        let asked = Asked::read(pool, Some(query), Some(&viewer), day(TODAY)).await.expect("a query");
        let found = list::list(pool, &asked.filter()).await.expect("a list");
        found.rows.iter().map(|row| row.number).collect::<Vec<_>>()
    };
    let change = async |sql: &'static str| {
        sqlx::raw_sql(sql).execute(pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(broken_lists(&service).await, [""; 0], "{sql}");
    };

    assert_eq!(listed("handling=open&due=week").await, [1]);
    change("UPDATE deadlines SET superseded_at = now(); INSERT INTO deadlines (action_id, due_on, kind, made_at) SELECT action_id, '2026-12-20', 'agreed', now() FROM actions").await;
    assert_eq!((listed("due=week").await, listed("due=month&to=wire").await), (vec![], vec![1]));
    change("UPDATE actions SET state = 'responded', closed_at = now()").await;
    assert_eq!((listed("handling=open").await, listed("handling=responded&to=wire").await, listed("due=month").await), (vec![], vec![1], vec![]));
    change("UPDATE actions SET assignee_id = (SELECT person_id FROM people WHERE name = 'Carol Chair')").await;
    let carol = world.chair.name.clone();
    assert_eq!(listed(&format!("assignee={carol}")).await, [1]);
    change("UPDATE people SET name = 'Carla Stool' WHERE person_id = (SELECT assignee_id FROM actions)").await;
    assert_eq!((listed("assignee=carla stool").await, listed("assignee=stool&to=wire").await), (vec![1], vec![1]));
    change("DELETE FROM deadlines; DELETE FROM actions").await;
    assert_eq!(listed("due=none").await, [2, 1]);
    change("UPDATE statements SET purpose = 'in-response' WHERE number = 1").await;
    assert_eq!((listed("purpose=in-response&to=wire").await, listed("purpose=for-action").await), (vec![1], vec![]));
    change("UPDATE groups SET parent_id = (SELECT group_id FROM groups WHERE acronym = 'sec') WHERE acronym = 'wire'").await;
    assert_eq!((listed("to=sec").await, listed("to=net").await), (vec![2, 1], vec![]));
    change("UPDATE statements SET letter_date = '2020-05-31', letter_date_precision = 'month' WHERE number = 2").await;
    assert_eq!((listed("year=2020").await, listed("").await), (vec![2], vec![1, 2]));
    change("UPDATE statements SET state = 'removed' WHERE number = 1").await;
    for query in ["", "to=wire", "q=framing", "sort=title", "purpose=in-response"] {
        assert!(!listed(query).await.contains(&1), "{query}");
    }
}
