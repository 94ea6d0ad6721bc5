//! People, roles and groups of tests, and a small world of them.

use std::collections::HashMap;
use std::sync::LazyLock;

use liaison_tracker::App;
use liaison_tracker::ids::{GroupId, PersonId};
use liaison_tracker::people::store::{self, NewRole, sessions};
use liaison_tracker::people::{RoleKind, hashing};
use liaison_tracker::web::session::{Secret, cookie_name};

use super::TestService;
use super::visitor::Visitor;

/// Everybody's password.
pub const PASSWORD: &str = "river lamp 88 orbit";

/// One hash for all: hashing takes time.
static PASSWORD_HASH: LazyLock<String> = LazyLock::new(|| hashing::hash_now(PASSWORD).expect("a hash"));

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub address: String,
}

/// Makes a person with an account whose password is [`PASSWORD`].
pub async fn person(app: &App, name: &str, address: &str) -> Person {
    let now = app.clock.now();
    let mut connection = app.pool.acquire().await.expect("a connection");
    let id = store::add_person(&mut connection, now, name, address).await.expect("a person");
    store::set_password_hash(&mut connection, now, id, &PASSWORD_HASH).await.expect("a password");
    Person { id, name: name.to_owned(), address: address.to_owned() }
}

/// Gives a role from a year ago on; at the group of that acronym.
pub async fn role(app: &App, person: &Person, kind: RoleKind, group: Option<&str>) -> i64 {
    let alias = (kind == RoleKind::LiaisonManager).then(|| format!("{}-manager@ietf.example", group.unwrap_or_default()));
    role_with(app, person, kind, group, alias.as_deref()).await
}

/// The same with an address of the role's own, or none.
pub async fn role_with(app: &App, person: &Person, kind: RoleKind, group: Option<&str>, alias: Option<&str>) -> i64 {
    let mut connection = app.pool.acquire().await.expect("a connection");
    let group_id = match group {
        Some(acronym) => {
            Some(store::group_of_acronym(&mut connection, acronym).await.expect("groups").unwrap_or_else(|| panic!("no group {acronym}")).0)
        }
        None => None,
    };
    let role = NewRole {
        person_id: person.id,
        kind,
        group_id,
        starts_on: app.today() - chrono::Days::new(365),
        ends_on: None,
        alias: alias.map(str::to_owned),
    };
    store::add_role(&mut connection, &role).await.expect("a role")
}

/// Ends a role today.
pub async fn end_role(app: &App, role_id: i64) {
    sqlx::query("UPDATE roles SET ends_on = $2 WHERE role_id = $1").bind(role_id).bind(app.today()).execute(&app.pool).await.expect("a role");
}

/// A group to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewGroup<'a> {
    pub acronym: &'a str,
    pub label: &'a str,
    pub name: &'a str,
    /// `organization`, `iesg`, `iab`, `irtf`, `area`, `wg`, `rg` or `group`.
    pub kind: &'a str,
    pub parent: Option<&'a str>,
    pub is_home: bool,
}

/// Makes a group.
pub async fn group(app: &App, new: NewGroup<'_>) -> GroupId {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO groups (parent_id, acronym, name, label, kind, is_home, may_send)
         VALUES ((SELECT group_id FROM groups WHERE acronym = $1), $2, $3, $4, $5, $6, $5 NOT IN ('irtf', 'rg')) RETURNING group_id",
    )
    .bind(new.parent)
    .bind(new.acronym)
    .bind(new.name)
    .bind(new.label)
    .bind(new.kind)
    .bind(new.is_home)
    .fetch_one(&app.pool)
    .await
    .unwrap_or_else(|error| panic!("{}: {error}", new.acronym));
    GroupId(id)
}

/// Stores an address of a group; `use_` is `list`, `chairs`, `send-to`, `to` or `cc`, `sort` `role`, `list` or `person`.
pub async fn contact(app: &App, acronym: &str, use_: &str, mailbox: &str, sort: &str) {
    sqlx::query(
        "INSERT INTO group_contacts (group_id, use, mailbox, address_key, sort)
         SELECT group_id, $2, $3, lower($3), $4 FROM groups WHERE acronym = $1",
    )
    .bind(acronym)
    .bind(use_)
    .bind(mailbox)
    .bind(sort)
    .execute(&app.pool)
    .await
    .expect("a contact");
}

/// The cast of the stories, with their groups.
pub struct World {
    pub groups: HashMap<&'static str, GroupId>,
    /// Area Directors of net.
    pub ad_net: Person,
    pub ad2_net: Person,
    pub ad_sec: Person,
    pub ad_ops: Person,
    /// Chairs and secretary of wire.
    pub chair: Person,
    pub chair2: Person,
    pub secretary: Person,
    /// Chairs of the other WGs.
    pub chair_mesh: Person,
    pub chair_path: Person,
    pub chair_keys: Person,
    pub chair_bench: Person,
    pub ietf_chair: Person,
    pub iab_chair: Person,
    pub irtf_chair: Person,
    pub iab_member: Person,
    pub coordinator: Person,
    pub coordinator2: Person,
    /// With the aliases `itu-t-manager@ietf.example` and `3gpp-manager@ietf.example`.
    pub manager_itu_t: Person,
    pub manager_3gpp: Person,
    pub secretariat: Person,
    /// With an account and no role.
    pub outsider: Person,
}

impl World {
    /// The group of that acronym.
    pub fn group(&self, acronym: &str) -> GroupId {
        *self.groups.get(acronym).unwrap_or_else(|| panic!("no group {acronym}"))
    }
}

const fn home(acronym: &'static str, label: &'static str, name: &'static str, kind: &'static str, parent: Option<&'static str>) -> NewGroup<'static> {
    NewGroup { acronym, label, name, kind, parent, is_home: true }
}

const fn peer(acronym: &'static str, label: &'static str, name: &'static str, kind: &'static str, parent: Option<&'static str>) -> NewGroup<'static> {
    NewGroup { acronym, label, name, kind, parent, is_home: false }
}

const GROUPS: [NewGroup<'static>; 23] = [
    home("ietf", "IETF", "Internet Engineering Task Force", "organization", None),
    home("iesg", "IESG", "Internet Engineering Steering Group", "iesg", Some("ietf")),
    home("iab", "IAB", "Internet Architecture Board", "iab", Some("ietf")),
    home("irtf", "IRTF", "Internet Research Task Force", "irtf", Some("ietf")),
    home("nmrg", "NMRG", "Network Management Research Group", "rg", Some("irtf")),
    home("net", "NET", "Network Area", "area", Some("ietf")),
    home("sec", "SEC", "Security Area", "area", Some("ietf")),
    home("ops", "OPS", "Operations Area", "area", Some("ietf")),
    home("wire", "WIRE", "Wire Formats", "wg", Some("net")),
    home("mesh", "MESH", "Mesh Networks", "wg", Some("net")),
    home("path", "PATH", "Path Computation", "wg", Some("net")),
    home("keys", "KEYS", "Key Exchange", "wg", Some("sec")),
    home("bench", "BENCH", "Benchmarking", "wg", Some("ops")),
    peer("itu-t", "ITU-T", "ITU Telecommunication Standardization Sector", "organization", None),
    peer("itu-t-sg11", "ITU-T SG11", "Protocols and testing", "group", Some("itu-t")),
    peer("itu-t-sg13", "ITU-T SG13", "Future networks", "group", Some("itu-t")),
    peer("itu-t-sg15", "ITU-T SG15", "Transport and access", "group", Some("itu-t")),
    peer("itu-t-sg15-q14", "ITU-T SG15 Q14", "Management of transport systems", "group", Some("itu-t-sg15")),
    peer("3gpp", "3GPP", "3rd Generation Partnership Project", "organization", None),
    peer("3gpp-sa", "3GPP SA", "Services and System Aspects", "group", Some("3gpp")),
    peer("3gpp-sa3", "3GPP SA3", "Security and privacy", "group", Some("3gpp-sa")),
    peer("etsi", "ETSI", "European Telecommunications Standards Institute", "organization", None),
    peer("etsi-zsm", "ETSI ISG ZSM", "Zero touch network and Service Management", "group", Some("etsi")),
];

/// Makes all of it; the header's home organization is read again.
pub async fn world(service: &TestService) -> World {
    let app = &service.app;
    let mut groups = HashMap::new();
    for new in GROUPS {
        groups.insert(new.acronym, group(app, new).await);
    }
    for acronym in ["wire", "mesh", "path", "keys", "bench"] {
        contact(app, acronym, "list", &format!("{acronym}@ietf.example"), "list").await;
    }
    contact(app, "itu-t-sg11", "send-to", "sg11@itu-t.example", "role").await;
    contact(app, "itu-t-sg15", "send-to", "sg15@itu-t.example", "role").await;
    contact(app, "3gpp-sa3", "send-to", "sa3@3gpp.example", "role").await;
    sqlx::query(
        "INSERT INTO relationships (group_id, kind, state)
         SELECT group_id, 'formal', 'active' FROM groups WHERE acronym IN ('itu-t', '3gpp')",
    )
    .execute(&app.pool)
    .await
    .expect("relationships");

    let world = World {
        groups,
        ad_net: holder(app, "Nora Director", "nora", RoleKind::AreaDirector, Some("net")).await,
        ad2_net: holder(app, "Niels Director", "niels", RoleKind::AreaDirector, Some("net")).await,
        ad_sec: holder(app, "Selma Director", "selma", RoleKind::AreaDirector, Some("sec")).await,
        ad_ops: holder(app, "Oskar Director", "oskar", RoleKind::AreaDirector, Some("ops")).await,
        chair: holder(app, "Carol Chair", "carol", RoleKind::Chair, Some("wire")).await,
        chair2: holder(app, "Chen Chair", "chen", RoleKind::Chair, Some("wire")).await,
        secretary: holder(app, "Sven Secretary", "sven", RoleKind::Secretary, Some("wire")).await,
        chair_mesh: holder(app, "Mona Chair", "mona", RoleKind::Chair, Some("mesh")).await,
        chair_path: holder(app, "Pia Chair", "pia", RoleKind::Chair, Some("path")).await,
        chair_keys: holder(app, "Kim Chair", "kim", RoleKind::Chair, Some("keys")).await,
        chair_bench: holder(app, "Bo Chair", "bo", RoleKind::Chair, Some("bench")).await,
        ietf_chair: holder(app, "Iris Lead", "iris", RoleKind::IetfChair, None).await,
        iab_chair: holder(app, "Abel Lead", "abel", RoleKind::IabChair, None).await,
        irtf_chair: holder(app, "Rita Lead", "rita", RoleKind::IrtfChair, None).await,
        iab_member: holder(app, "Ada Member", "ada", RoleKind::IabMember, None).await,
        coordinator: holder(app, "Cora Coordinator", "cora", RoleKind::Coordinator, None).await,
        coordinator2: holder(app, "Curt Coordinator", "curt", RoleKind::Coordinator, None).await,
        manager_itu_t: holder(app, "Ivo Manager", "ivo", RoleKind::LiaisonManager, Some("itu-t")).await,
        manager_3gpp: holder(app, "Gina Manager", "gina", RoleKind::LiaisonManager, Some("3gpp")).await,
        secretariat: holder(app, "Stella Secretariat", "stella", RoleKind::Secretariat, None).await,
        outsider: person(app, "Otto Outside", "otto@people.example").await,
    };
    app.set_ready().await.expect("the home organization is read");
    world
}

async fn holder(app: &App, name: &str, local: &str, kind: RoleKind, group: Option<&str>) -> Person {
    let person = person(app, name, &format!("{local}@people.example")).await;
    role(app, &person, kind, group).await;
    person
}

/// A session that begins now: the name and the value of its cookie.
pub async fn session(app: &App, person: &Person) -> (String, String) {
    let secret = Secret::new().expect("randomness");
    let mut connection = app.pool.acquire().await.expect("a connection");
    sessions::add(&mut connection, app.clock.now(), person.id, &secret.hash, "a test").await.expect("a session");
    (cookie_name(app).to_owned(), secret.text)
}

impl Visitor {
    /// Signs in by the real form.
    pub async fn sign_in(&mut self, person: &Person) -> &mut Self {
        self.get("/sign-in").await;
        self.submit("Sign in", &[("E-mail address", &person.address), ("Password", PASSWORD)]).await;
        assert!(self.page.redirects.iter().any(|url| url == "/desk"), "not signed in: {}", self.page.text);
        self
    }

    /// Signs in without any page: a session row and its cookie.
    pub async fn be(&mut self, app: &App, person: &Person) -> &mut Self {
        let (name, value) = session(app, person).await;
        self.cookies.insert(name, value);
        self
    }

    /// Whether the browser's session lives: its account page, or the way to the sign-in page.
    pub async fn is_signed_in(&mut self) -> bool {
        self.follows = false;
        self.get("/account").await;
        self.follows = true;
        match self.page.status.as_u16() {
            200 => true,
            303 => {
                assert_eq!(self.page.header("location"), "/sign-in?next=%2Faccount");
                false
            }
            other => panic!("{other}: {}", self.page.text),
        }
    }

    /// Has a link mailed that signs in.
    pub async fn request_link(&mut self, address: &str) {
        self.get("/sign-in").await;
        self.submit("Mail me a link", &[("E-mail address", address)]).await;
        self.assert_status(200).assert_says("If this address has an account, a link is on its way to it.");
    }

    /// Has a link mailed that sets a new password.
    pub async fn request_reset(&mut self, address: &str) {
        self.get("/password/forgotten").await;
        self.submit("Mail me a link", &[("E-mail address", address)]).await;
        self.assert_status(200).assert_at("/sign-in");
    }
}

impl TestService {
    /// Somebody's browser, signed in already.
    pub async fn as_person(&self, person: &Person) -> Visitor {
        let mut visitor = self.visitor();
        visitor.be(&self.app, person).await;
        visitor
    }
}

/// The service with one person, Carol.
pub async fn service_with_carol() -> (TestService, Person) {
    let service = super::service(super::clock("2026-11-04T10:00:00Z")).await;
    let carol = person(&service.app, "Carol Chair", "carol@people.example").await;
    (service, carol)
}
