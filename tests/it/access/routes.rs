//! Every route, every role (AZ01), and other people's drafts (AZ02).

use axum::http::Method;
use liaison_tracker::web::router;

use super::stage;
use crate::support::visitor::Visitor;

/// Method and path, then the statuses for: nobody, somebody without a role, a chair of another group, the chair whose
/// statements they are, an Area Director of the chair's area, the sender's liaison manager, an IAB member, a
/// coordinator, the secretariat. Forms are sent empty, each against an object of its own.
///
/// 303 is the way to the sign-in page, or on after what was done; 404 is also what may not be read.
const TABLE: &str = "
GET  /healthz                                                            
GET  /readyz                                                             
GET  /                                                                   
GET  /statements/incoming/new                                            
POST /statements/incoming/new                                            
GET  /statements/drafts/<draft>                                          
GET  /statements/drafts/<review>                                         
GET  /statements/drafts/<was-draft>                                      
GET  /statements/drafts/<no-draft>                                       
POST /statements/drafts/<draft>                                          
POST /statements/drafts/<review>                                         
POST /statements/drafts/<was-draft>                                      
POST /statements/drafts/<no-draft>                                       
GET  /statements/drafts/<draft>/submit                                   
GET  /statements/drafts/<review>/submit                                  
GET  /statements/drafts/<was-draft>/submit                               
GET  /statements/drafts/<no-draft>/submit                                
POST /statements/drafts/<draft>/submit                                   
POST /statements/drafts/<review>/submit                                  
POST /statements/drafts/<was-draft>/submit                               
POST /statements/drafts/<no-draft>/submit                                
GET  /statements/drafts/<draft>/review                                   
GET  /statements/drafts/<review>/review                                  
GET  /statements/drafts/<was-draft>/review                               
GET  /statements/drafts/<no-draft>/review                                
POST /statements/drafts/<draft>/review                                   
POST /statements/drafts/<review>/review                                  
POST /statements/drafts/<was-draft>/review                               
POST /statements/drafts/<no-draft>/review                                
POST /statements/drafts/<draft>/take-back                                
POST /statements/drafts/<review>/take-back                               
POST /statements/drafts/<was-draft>/take-back                            
POST /statements/drafts/<no-draft>/take-back                             
POST /statements/drafts/<draft>/abandon                                  
POST /statements/drafts/<review>/abandon                                 
POST /statements/drafts/<was-draft>/abandon                              
POST /statements/drafts/<no-draft>/abandon                               
POST /statements/drafts/<draft>/restore                                  
POST /statements/drafts/<review>/restore                                 
POST /statements/drafts/<was-draft>/restore                              
POST /statements/drafts/<no-draft>/restore                               
POST /statements/drafts/<draft>/delete                                   
POST /statements/drafts/<review>/delete                                  
POST /statements/drafts/<was-draft>/delete                               
POST /statements/drafts/<no-draft>/delete                                
GET  /statements/<posted>                                                
GET  /statements/<no-number>                                             
GET  /statements/<draft>                                                 
GET  /statements/<posted>/attachments/1/public.pdf                       
GET  /statements/<posted>/attachments/2/secret.pdf                       
GET  /statements/<posted>/attachments/3/none.pdf                         
GET  /statements/<no-number>/attachments/1/public.pdf                    
GET  /statements/drafts/<draft>/attachments/1/draft.pdf                  
GET  /statements/drafts/<review>/attachments/1/review.pdf                
GET  /statements/drafts/<was-draft>/attachments/2/secret.pdf             
GET  /statements/drafts/<no-draft>/attachments/1/draft.pdf               
POST /statements/<posted>/mail/<delivery>/send-again                     
POST /statements/<posted>/mail/<review-delivery>/send-again              
POST /statements/<no-number>/mail/<delivery>/send-again                  
POST /statements/drafts/<review>/mail/<review-delivery>/send-again       
POST /statements/drafts/<draft>/mail/<delivery>/send-again               
POST /statements/drafts/<no-draft>/mail/<delivery>/send-again            
GET  /statements                                                         
GET  /organizations                                                      
GET  /organizations/itu-t                                                
GET  /organizations/none                                                 
GET  /groups/suggest?q=wire                                              
GET  /groups/wire                                                        
GET  /groups/none                                                        
GET  /relationships                                                      
GET  /liaison/<no-number>                                                
GET  /liaison/<no-number>/                                               
GET  /help                                                               
GET  /desk                                                               
GET  /sign-in                                                            
POST /sign-in                                                            
GET  /sign-in/<secret>                                                   
POST /sign-in/<secret>                                                   
POST /sign-out                                                           
GET  /password/forgotten                                                 
POST /password/forgotten                                                 
GET  /password/<secret>                                                  
POST /password/<secret>                                                  
GET  /account                                                            
POST /account/password                                                   
POST /account/address                                                    
GET  /account/address/<secret>                                           
POST /account/address/<secret>                                           
POST /account/sessions/<session>/end                                     
POST /account/sessions/99999/end                                         
POST /account/sign-out-everywhere                                        
GET  /administration/mail                                                
GET  /administration/mail/<mail>                                         
GET  /administration/mail/99999                                          
POST /administration/mail/<mail>/<delivery>/send-again                   
POST /administration/mail/<mail>/<review-delivery>/send-again            
POST /administration/mail/99999/<delivery>/send-again                    
POST /administration/mail/<mail>/<delivery>/give-up                      
POST /administration/mail/99999/<delivery>/give-up                       
GET  /api                                                                
GET  /api/v1/statements                                                  
GET  /api/v1/statements/<posted>                                         
GET  /api/v1/statements/<no-number>                                      
";

fn rows() -> Vec<(Method, &'static str, Vec<&'static str>)> {
    let parse = |line: &'static str| {
        let mut words = line.split_whitespace();
        let method = words.next().expect("a method").parse().expect("a method");
        (method, words.next().expect("a path"), words.collect::<Vec<_>>())
    };
    TABLE.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
}

/// Whether a row of the table is about a route.
pub fn is_of(route: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len()
        && route.iter().zip(&path).all(|(part, given)| if part.starts_with('{') { !given.is_empty() } else { part == given })
}

#[tokio::test]
async fn every_route_answers_every_role_as_the_table_says() {
    let stage = stage().await;
    let mut wrong = Vec::new();

    for (method, row, expected) in rows() {
        let mut statuses = Vec::new();
        for (_, person) in stage.roles() {
            let is_change = method == Method::POST;
            let draft = if is_change { stage.twin(&stage.draft).await } else { stage.draft.clone() };
            let review = if is_change { stage.twin(&stage.review).await } else { stage.review.clone() };
            let mut visitor = stage.visitor(person).await;
            let body = is_change.then(|| ("application/x-www-form-urlencoded".to_owned(), Vec::new()));
            let page = visitor.go(method.clone(), &stage.path(row, &draft, &review), body).await;
            statuses.push(page.status.as_str().to_owned());
        }
        if statuses != expected {
            wrong.push(format!("{method:<4} {row:<68} {}", statuses.join(" ")));
        }
    }

    assert!(wrong.is_empty(), "these answer otherwise:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_route_stands_in_the_table() {
    let stage = stage().await;
    let rows = rows();

    let missing: Vec<String> = router::table(&stage.service.app)
        .into_iter()
        .filter(|(method, route, _)| !rows.iter().any(|(of, path, _)| of == method && is_of(route, path)))
        .map(|(method, route, access)| format!("{method} {route} ({})", access.as_str()))
        .collect();
    let unknown: Vec<String> = rows
        .iter()
        .filter(|(method, path, _)| !router::table(&stage.service.app).iter().any(|(of, route, _)| of == method && is_of(route, path)))
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();

    assert_eq!((missing, unknown), (Vec::new(), Vec::new()));
}

/// The page without what it says of its own address.
fn body(visitor: &Visitor, asked: &str) -> String {
    let source = visitor.page.source();
    let encoded = liaison_tracker::urls::encode(asked);
    source.replace(&encoded, "ASKED").replace(asked, "ASKED")
}

const OF_A_DRAFT: [(&str, &str); 9] = [
    ("GET", "/statements/drafts/ID"),
    ("GET", "/statements/drafts/ID/submit"),
    ("GET", "/statements/drafts/ID/review"),
    ("GET", "/statements/drafts/ID/attachments/1/draft.pdf"),
    ("POST", "/statements/drafts/ID"),
    ("POST", "/statements/drafts/ID/submit"),
    ("POST", "/statements/drafts/ID/review"),
    ("POST", "/statements/drafts/ID/abandon"),
    ("POST", "/statements/drafts/ID/delete"),
];

#[tokio::test]
async fn a_draft_that_one_may_not_read_looks_like_none() {
    let stage = stage().await;
    let before = stage.fingerprint().await;
    let nothing = "B".repeat(stage.draft.len());

    for (who, person) in stage.roles().into_iter().filter(|(who, _)| matches!(*who, "anonymous" | "outsider" | "other chair")) {
        let mut visitor = stage.visitor(person).await;
        for (method, path) in OF_A_DRAFT {
            let mut answers = Vec::new();
            for id in [&stage.draft, &stage.review, &nothing] {
                let path = path.replace("ID", id);
                let form = (method == "POST").then(|| ("application/x-www-form-urlencoded".to_owned(), b"decision=approve&reason=x".to_vec()));
                visitor.go(method.parse().expect("a method"), &path, form).await;
                let names: Vec<String> = visitor.page.headers.keys().map(ToString::to_string).collect();
                answers.push((visitor.page.status.as_u16(), names, body(&visitor, &path)));
            }
            assert_eq!(answers[0].0, 404, "{who} {method} {path}");
            assert_eq!(answers[0], answers[2], "{who} {method} {path}");
            assert_eq!(answers[1], answers[2], "{who} {method} {path}");
        }
    }

    let sessions_aside = |prints: Vec<(String, i64, String)>| prints.into_iter().filter(|print| print.0 != "sessions").collect::<Vec<_>>();
    assert_eq!(super::differing(&sessions_aside(before), &sessions_aside(stage.fingerprint().await)), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_public_tells_of_a_draft() {
    let stage = stage().await;
    let pool = &stage.service.app.pool;
    sqlx::query("UPDATE statements SET title = 'Canary in the mine', body = 'Canary' WHERE number IS NULL").execute(pool).await.expect("drafts");
    let ids: Vec<i64> = sqlx::query_scalar("SELECT statement_id FROM statements WHERE number IS NULL").fetch_all(pool).await.expect("drafts");
    assert!(!ids.is_empty());

    let mut visitor = stage.visitor(Some(&stage.world.outsider)).await;
    let mut paths: Vec<String> = [
        "/",
        "/statements",
        "/statements?q=canary",
        "/statements?q=wire",
        "/organizations",
        "/organizations/itu-t",
        "/organizations/ietf",
        "/groups/wire",
        "/groups/itu-t-sg11",
        "/groups/suggest?q=canary",
        "/relationships",
        "/api/v1/statements",
        "/api/v1/statements?q=canary",
        "/statements/1",
        "/api/v1/statements/1",
        "/desk",
        "/account",
    ]
    .map(str::to_owned)
    .into();
    // neighbours of what is public, and keys of the tables
    for id in ids.into_iter().chain(0..6).chain([-1]) {
        paths.extend([
            format!("/statements/{id}"),
            format!("/api/v1/statements/{id}"),
            format!("/liaison/{id}"),
            format!("/statements/drafts/{id}"),
            format!("/statements/{id}/attachments/1/draft.pdf"),
        ]);
    }
    for id in [&stage.draft, &stage.review] {
        paths.extend([format!("/statements/{id}"), format!("/api/v1/statements/{id}"), format!("/api/v1/statements/drafts/{id}"), format!("/liaison/{id}")]);
    }
    for path in paths {
        visitor.get(&path).await;
        let source = visitor.page.source().replace("q=canary", "").replace("q=%22canary", "").replace("value=\"canary\"", "").replace("“canary”", "");
        assert!(!source.contains("Canary"), "{path}: {}", visitor.page.text);
        for id in [&stage.draft, &stage.review] {
            let asked = path.contains(id.as_str());
            assert!(asked || !source.contains(id.as_str()), "{path} tells of {id}");
        }
    }

    // and those who may, see it
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    chair.get("/desk").await;
    chair.assert_says("Canary in the mine");
}

#[tokio::test]
async fn a_file_for_those_concerned_is_for_them_only() {
    let stage = stage().await;

    for (who, person) in stage.roles() {
        let mut visitor = stage.visitor(person).await;
        let concerned = matches!(who, "chair" | "area director" | "manager" | "IAB member" | "coordinator" | "secretariat");
        visitor.get("/statements/1/attachments/1/public.pdf").await;
        visitor.assert_status(200);
        visitor.get("/statements/1/attachments/2/secret.pdf").await;
        visitor.assert_status(if concerned { 200 } else { 404 });
        visitor.get("/statements/1").await;
        assert_eq!(visitor.page.source().contains("/attachments/2/"), concerned, "{who}: the statement's page");
        visitor.get("/api/v1/statements/1").await;
        assert!(!visitor.page.source().contains("/attachments/2/") || concerned, "{who}: the API");
    }
}
