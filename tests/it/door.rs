//! What comes in at the door, whatever it is (robustness.md WB).

use crate::support::people::world;
use crate::support::{clock, service};

#[tokio::test]
async fn a_nul_anywhere_is_never_a_fault_of_ours() {
    let service = service(clock("2026-11-04T10:00:00Z")).await;
    let world = world(&service).await;
    let mut visitor = service.as_person(&world.secretariat).await;
    visitor.follows = false;

    for (method, path, _) in liaison_tracker::web::router::table(&service.app) {
        // each place of the path, and the query
        let pieces = path.split('/').filter(|piece| piece.starts_with('{')).count();
        let plain = |nul: Option<usize>| {
            let mut place = 0;
            let fill = |piece: &str| {
                if !piece.starts_with('{') {
                    return piece.to_owned();
                }
                place += 1;
                if Some(place - 1) == nul { "a%00b".to_owned() } else { "1".to_owned() }
            };
            path.split('/').map(fill).collect::<Vec<_>>().join("/")
        };
        let queries = ["a%00b=c", "q=%00&address=%00&next=%00&organization=%00&cursor=%00&before=%00&older=%00&state=%00", "%%0000"];
        let paths = (0..pieces).map(|nul| plain(Some(nul))).chain(queries.map(|query| format!("{}?{query}", plain(None))));
        for path in paths.collect::<Vec<_>>() {
            let form = "email=a%00b@x.y&password=p%00&a%00b=1&title=%00&new-password=%00&body=x%00y&from=%00&intent=save";
            let body = (method == axum::http::Method::POST).then(|| ("application/x-www-form-urlencoded".to_owned(), form.as_bytes().to_vec()));
            let page = visitor.go(method.clone(), &path, body).await;
            assert!(page.status.as_u16() < 500, "{method} {path}: {}", page.status);
            if path.contains("a%00b") && !path.contains('?') {
                assert!(matches!(page.status.as_u16(), 303 | 401 | 403 | 404 | 405), "{method} {path}: {}", page.status);
            }
        }
    }
}

#[tokio::test]
async fn a_nul_typed_among_letters_is_dropped() {
    let (service, carol) = crate::support::people::service_with_carol().await;
    let mut visitor = service.visitor();

    let address = carol.address.replace('@', "\0@");
    visitor.post("/sign-in", &[("email", &address), ("password", crate::support::people::PASSWORD), ("a\0b", "c")]).await;

    assert!(visitor.page.redirects.iter().any(|url| url == "/desk"), "{}", visitor.page.text);
}
