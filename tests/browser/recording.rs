//! Stories 1 and 2 in a browser whose scripts are switched off.

use crate::deeds::fill;
use crate::mails::{Mail, arrived, previews};
use crate::shared::people::world;
use crate::support::{Files, PLAIN, Site, browse};

const TODAY: &str = "2026-03-02T09:00:00Z";
pub const WORD: &[u8] = include_bytes!("../../demo/files/letter.docx");
pub const PDF: &[u8] = include_bytes!("../../demo/files/letter.pdf");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_1_without_script_and_the_mails_are_those_that_were_shown() {
    let mut site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    site.start_mail();
    let files = Files::new();
    let (word, pdf) = (files.file("SG11-LS45.docx", WORD), files.file("SG11-LS45.pdf", PDF));

    let (draft, shown) = browse(&site, PLAIN, async |chair| {
        chair.sign_in(&world.chair).await;
        chair.open("/statements/incoming/new").await;
        fill(chair, &[("From", "ITU-T SG11"), ("To", "wire"), ("Title", "LS on wire formats"), ("Deadline", "1 May 2026")]).await;
        chair.choose("For Action").await;
        chair.attach("Files", &word).await;
        chair.press("Save draft").await;
        let draft = chair.path().await;
        chair.assert_says("SG11-LS45.docx").await;
        chair.unfold("Filled in for you: contacts; and reference, dates, copies").await;
        fill(chair, &[("Peer's reference", "SG11-LS45")]).await;
        chair.press("Continue to check").await;
        chair.assert_says("Not everybody can read SG11-LS45.docx").await;

        chair.press("Submit for review").await;
        chair.assert_says("There is a problem").await;
        chair.follow("Back to the draft").await;
        chair.attach("Files", &pdf).await;
        chair.press("Continue to check").await;
        chair.assert_silent("Not everybody can read").await;
        let shown = previews(chair).await;
        assert_eq!(shown.len(), 3, "to the manager, to the coordinators, and when it is posted");
        chair.press("Submit for review").await;
        chair.assert_at(draft.split('?').next().unwrap_or_default()).await;
        chair.assert_says("Submitted. Mailed: the liaison manager for ITU-T and the liaison coordinators").await;
        (draft, shown)
    })
    .await;
    let (at_posting, at_once): (Vec<Mail>, Vec<Mail>) = shown.iter().cloned().partition(|mail| mail.subject.starts_with("Statement 1 "));
    assert_eq!(arrived(&site.smtp.wait_for(2).await), at_once);

    browse(&site, PLAIN, async |reader| {
        reader.open(&draft).await;
        reader.assert_says("Page not found").await;
    })
    .await;

    browse(&site, PLAIN, async |manager| {
        manager.sign_in(&world.manager_itu_t).await;
        manager.follow("LS on wire formats").await;
        manager.assert_says("You are asked as liaison manager for ITU-T").await;
        let again = previews(manager).await;
        assert_eq!(again, at_posting);
        manager.choose("Approve").await;
        manager.press("Send decision").await;
        manager.assert_at("/statements/1").await;
        manager.assert_says("Posted as Statement 1").await;
    })
    .await;
    let all: usize = shown.iter().map(|mail| mail.recipients.len()).sum();
    let came = arrived(&site.smtp.wait_for(all).await);
    assert_eq!(came, shown);

    browse(&site, PLAIN, async |reader| {
        reader.open("/statements/1").await;
        reader.assert_says("Action needed by Friday 1 May 2026 (in 60 days)").await;
        reader.assert_silent("Mail (only those concerned").await;
        for (name, bytes) in [("SG11-LS45.docx", WORD), ("SG11-LS45.pdf", PDF)] {
            let link = reader.find(&format!("//a[contains(., '{name}')]"), name).await;
            let url = link.prop("href").await.expect("a link").expect("its address");
            let mut visitor = site.service.visitor();
            visitor.get(url.strip_prefix(&site.url).expect("ours")).await;
            assert_eq!(visitor.page.bytes, bytes);
        }
    })
    .await;
    assert_eq!(arrived(&site.smtp.received()), shown, "no mail more than these");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_2_without_script_and_the_mail_is_the_one_that_was_shown() {
    let mut site = Site::open(TODAY).await;
    let world = world(&site.service).await;
    site.start_mail();

    let shown = browse(&site, PLAIN, async |manager| {
        manager.sign_in(&world.manager_3gpp).await;
        manager.open("/statements/incoming/new").await;
        fill(manager, &[("From", "3GPP SA3"), ("To", "wire"), ("Title", "LS on key derivation")]).await;
        manager.choose("For Action").await;
        fill(manager, &[("Does it answer a statement?", "S2-990101, R3-990055"), ("Text", "Dear colleagues,\n\nplease see.")]).await;
        manager.unfold("Filled in for you: contacts; and reference, dates, copies").await;
        fill(manager, &[("Peer's reference", "S3-990417"), ("In copy", "keys"), ("Received at", "3gpp-manager@ietf.example")]).await;
        manager.press("Continue to check").await;
        manager.assert_says("Deadline: none stated").await;
        let shown = previews(manager).await;
        assert_eq!(shown.len(), 1);
        manager.press("Record and post").await;
        manager.assert_says("There is a problem").await;
        manager.choose("Record anyway").await;
        manager.press("Record and post").await;
        manager.assert_at("/statements/1").await;
        for words in ["Posted as Statement 1", "we aim to answer by Monday 27 April 2026", "S2-990101", "R3-990055"] {
            manager.assert_says(words).await;
        }
        manager.unfold("Contacts").await;
        manager.assert_says("sa3@3gpp.example").await;
        shown
    })
    .await;
    let recipients = shown[0].recipients.len();
    assert_eq!(arrived(&site.smtp.wait_for(recipients).await), shown);
}
