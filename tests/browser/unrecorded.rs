//! Reporting an unrecorded statement and recording from the report, on a phone, with and without script.

use crate::shared::people::world;
use crate::support::{Files, Look, PHONE, Site, browse};

const TODAY: &str = "2026-03-02T09:00:00Z";
const PDF: &[u8] = include_bytes!("../../demo/files/letter.pdf");
const MAIL: &str = "From: SG11 Secretariat <sg11@itu-t.example>\nTo: wire@ietf.example\nSubject: LS on wire formats\nDate: Mon, 2 Mar 2026 08:30:00 +0100\n\nDear colleagues,\n\nplease comment.\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_somebody_reports_and_the_manager_records_from_it() {
    for has_script in [true, false] {
        let site = Site::open(TODAY).await;
        let world = world(&site.service).await;
        let files = Files::new();
        let pdf = files.file("SG11-LS45.pdf", PDF);
        let phone = Look { has_script, ..PHONE };

        let report = browse(&site, phone, async |reporter| {
            reporter.sign_in(&world.outsider).await;
            reporter.follow("Report an unrecorded statement").await;
            if has_script {
                reporter.assert_fits().await;
            }
            reporter.fill("From which organization?", "Nobody Knows").await;
            reporter.fill("Its text, or the whole mail", MAIL).await;
            reporter.attach("Files", &pdf).await;
            reporter.press("Report it").await;
            reporter.assert_says("There is a problem").await;
            reporter.assert_says("SG11-LS45.pdf").await;
            reporter.fill("From which organization?", "ITU-T SG11").await;
            reporter.press("Report it").await;
            reporter.assert_says("Reported. Mailed: the liaison manager for ITU-T").await;
            reporter.assert_says("Not taken yet").await;
            if has_script {
                reporter.assert_fits().await;
            }
            reporter.path().await
        })
        .await;

        browse(&site, phone, async |manager| {
            manager.sign_in(&world.manager_itu_t).await;
            manager.follow("LS on wire formats").await;
            manager.assert_says("mail.eml").await;
            manager.press("Take it").await;
            manager.assert_says("Ivo Manager is to record it").await;
            manager.press("Record from it").await;
            manager.assert_says("SG11-LS45.pdf").await;
            let title = manager.field("Title").await.prop("value").await.expect("a field").unwrap_or_default();
            assert_eq!(title, "LS on wire formats");
            let text = manager.field("Text").await.prop("value").await.expect("a field").unwrap_or_default();
            assert_eq!(text.replace("\r\n", "\n").trim_end(), "Dear colleagues,\n\nplease comment.");
            manager.fill("To", "wire").await;
            manager.choose("For Information").await;
            manager.press("Continue to check").await;
            manager.press("Record and post").await;
            manager.assert_at("/statements/1").await;
        })
        .await;

        browse(&site, phone, async |reporter| {
            reporter.sign_in(&world.outsider).await;
            reporter.assert_says("recorded as Statement 1").await;
            reporter.open(&report).await;
            reporter.follow("Statement 1").await;
            reporter.assert_at("/statements/1").await;
        })
        .await;
    }
}
