//! Any steps in any order, two at a time on two servers: nothing is ever posted that was not signed as it stands, nothing
//! twice, no number lost (domain.md 3, 4).

use liaison_tracker::checkup;

use super::races::{second, visitor};
use super::tracker;
use crate::support::visitor::Visitor;

/// As many runs as there are seeds, each of so many pairs of steps.
const SEEDS: u64 = 8;
const PAIRS: usize = 40;

/// The same numbers for the same seed (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).expect("small") % most
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// One request: by which visitor, where, with which fields; a file goes along where it is asked for.
struct Step {
    who: usize,
    path: String,
    fields: Vec<(&'static str, String)>,
    file: Option<String>,
}

impl Step {
    async fn take(&self, visitors: &mut [Visitor]) -> (u16, String) {
        let visitor = &mut visitors[self.who];
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        match &self.file {
            None => visitor.post(&self.path, &fields).await,
            Some(name) => {
                let mut body = String::new();
                for (name, value) in &fields {
                    body.push_str(&format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
                }
                body.push_str(&format!(
                    "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4 {name}\r\n--x--\r\n"
                ));
                visitor.go(axum::http::Method::POST, &self.path, Some(("multipart/form-data; boundary=x".to_owned(), body.into_bytes()))).await
            }
        };
        (visitor.page.status.as_u16(), visitor.page.text.clone())
    }
}

fn letter(title: &str) -> Vec<(&'static str, String)> {
    [
        ("from", "WIRE"),
        ("to", "ITU-T SG11"),
        ("title", title),
        ("purpose", "for-information"),
        ("body", "Dear SG11"),
        ("consensus", "group"),
        ("consensus-link", "https://mail.example/1"),
        ("informed-on", "1 March 2026"),
        ("send-to", "sg11@itu-t.example"),
        ("delivery", "otherwise"),
        ("delivered-how", "by their portal"),
        ("do", "save"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

/// Where a draft stands: id, state, version, round, and the rows that wait with somebody who could give them.
type Standing = (String, String, i32, i32);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_the_order_nothing_is_posted_that_was_not_signed_as_it_stands() {
    let mut posted_in_all = 0;
    let mut ended = std::collections::BTreeSet::new();
    for seed in 1..=SEEDS {
        let (service, world) = tracker().await;
        let pool = &service.app.pool;
        let (two, other_router) = second(&service).await;
        let people = [&world.secretary, &world.chair, &world.ad_net, &world.ad2_net, &world.manager_itu_t, &world.coordinator, &world.coordinator2];
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for person in people {
            left.push(visitor(&service.app, &service.router, person).await);
            right.push(visitor(&two, &other_router, person).await);
        }
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for pair in 0..PAIRS {
            let standing: Vec<Standing> = sqlx::query_as(
                "SELECT draft_id, state, version, round FROM statements WHERE state IN ('draft', 'in-review', 'abandoned') ORDER BY statement_id",
            )
            .fetch_all(pool)
            .await
            .expect("drafts");
            let mut steps = Vec::new();
            for side in 0..2 {
                if standing.len() < 2 {
                    let mut fields = letter(&format!("A word {seed}-{pair}-{side}"));
                    fields.push(("creation-key", format!("key-{seed}-{pair}-{side}")));
                    steps.push(Step { who: random.below(2), path: "/statements/outgoing/new".to_owned(), fields, file: None });
                    continue;
                }
                // both often meet at one draft
                let (id, state, version, round) = &standing[if random.below(3) > 0 { 0 } else { random.below(standing.len()) }];
                let (version, round) = (version - i32::from(random.below(9) == 0), round - i32::from(random.below(9) == 0));
                let seen = vec![("version", version.to_string()), ("round", round.to_string())];
                let page = format!("/statements/drafts/{id}");
                let at = |name: &str| format!("{page}/{name}");
                let approve =
                    |who| Step { who, path: at("review"), fields: [seen.clone(), vec![("decision", "approve".to_owned())]].concat(), file: None };
                let press = |who, name: &str, fields: Vec<(&'static str, String)>| Step { who, path: at(name), fields, file: None };
                let save = |file: Option<String>| {
                    let mut fields = letter(&format!("Changed {seed}-{pair}-{side}"));
                    fields.push(("version", version.to_string()));
                    Step { who: side, path: page.clone(), fields, file }
                };
                let likely: &[usize] = match state.as_str() {
                    "draft" => &[0, 0, 0, 0, 1, 2, 11],
                    "abandoned" => &[10],
                    _ => &[3, 3, 4, 4, 5, 5, 6, 7, 8, 8, 9],
                };
                let chosen = if random.below(6) == 0 { random.below(13) } else { random.one(likely) };
                steps.push(match chosen {
                    0 => press(random.below(2), "submit", vec![("version", version.to_string()), ("overrule", "no-twin".to_owned())]),
                    1 => save(None),
                    2 => save(Some(format!("file-{seed}-{pair}-{side}"))),
                    3 => approve(2),
                    4 => approve(4),
                    5 => approve(3),
                    6 => {
                        let changes = vec![("decision", "request-changes".to_owned()), ("reason", "why?".to_owned())];
                        press(2 + random.below(3), "review", [seen.clone(), changes].concat())
                    }
                    7 => press(5, "hold", vec![("hold-why", "wait".to_owned())]),
                    8 => press(6, "release", Vec::new()),
                    9 => {
                        let row: Option<i64> = sqlx::query_scalar(
                            "SELECT sign_off_id FROM sign_offs JOIN statements USING (statement_id)
                              WHERE draft_id = $1 AND kind = 'approval' AND sign_offs.round = statements.round",
                        )
                        .bind(id)
                        .fetch_optional(pool)
                        .await
                        .expect("a row");
                        let whose = if random.below(2) == 0 { "without".to_owned() } else { world.ad_net.id.to_string() };
                        let entered =
                            vec![("row", row.unwrap_or_default().to_string()), ("whose", whose), ("evidence", "https://mail.example/2".to_owned())];
                        press(5, "enter", [seen.clone(), entered].concat())
                    }
                    10 => press(5, "restore", Vec::new()),
                    11 => press(5, if random.below(2) == 0 { "abandon" } else { "delete" }, vec![("reason", "no more".to_owned())]),
                    _ => press(random.below(2), "take-back", Vec::new()),
                });
            }
            let (one, other) = tokio::join!(steps[0].take(&mut left), steps[1].take(&mut right));
            for (step, (status, text)) in steps.iter().zip([one, other]) {
                assert!(status < 500, "seed {seed}, pair {pair}: {} is {status}: {text}", step.path);
            }
            // what is public is signed as it stands, but what is marked
            let unsigned: Vec<String> = sqlx::query_scalar(
                "SELECT concat_ws(' ', number, sign_offs.kind, sign_offs.state, sign_offs.version, statements.version)
                   FROM sign_offs JOIN statements USING (statement_id)
                  WHERE statements.state = 'posted' AND sign_offs.round = statements.round
                    AND NOT (without_approval AND sign_offs.kind = 'approval')
                    AND (sign_offs.state <> 'given' OR sign_offs.version <> statements.version)",
            )
            .fetch_all(pool)
            .await
            .expect("rows");
            assert_eq!(unsigned, Vec::<String>::new(), "seed {seed}, pair {pair}: {}, {}", steps[0].path, steps[1].path);
        }
        let numbers: Vec<i32> =
            sqlx::query_scalar("SELECT number FROM statements WHERE number IS NOT NULL ORDER BY number").fetch_all(pool).await.expect("numbers");
        assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<i32>>(), "seed {seed}");
        let counts: Vec<(i64, i64, i64)> = sqlx::query_as(
            "SELECT (SELECT count(*) FROM history WHERE history.statement_id = statements.statement_id AND event = 'posted'),
                    (SELECT count(*) FROM mails WHERE mails.statement_id = statements.statement_id AND event = 'outgoing-posted'),
                    (SELECT count(*) FROM mails WHERE mails.statement_id = statements.statement_id AND event = 'outgoing-posted')
               FROM statements WHERE state = 'posted'",
        )
        .fetch_all(pool)
        .await
        .expect("counts");
        assert!(counts.iter().all(|one| *one == (1, 1, 1)), "seed {seed}: {counts:?}");
        let letters: i64 = sqlx::query_scalar("SELECT count(*) FROM mails WHERE event = 'outgoing-posted'").fetch_one(pool).await.expect("letters");
        assert_eq!(usize::try_from(letters).expect("few"), counts.len(), "seed {seed}: a letter of what is not posted");
        assert_eq!(checkup::store::broken(pool).await.expect("a check"), [], "seed {seed}");
        posted_in_all += counts.len();
        let events: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT event FROM history WHERE statement_id IS NOT NULL").fetch_all(pool).await.expect("events");
        ended.extend(events);
    }
    eprintln!("{posted_in_all} posted; {ended:?}");
    // the steps do happen
    assert!(posted_in_all >= 4, "{posted_in_all}");
    for event in
        ["posted", "signed", "changes-requested", "taken-back", "held", "released", "entered", "without-approval", "abandoned", "restored", "deleted"]
    {
        assert!(ended.contains(event), "{event} never happened: {ended:?}");
    }
}
