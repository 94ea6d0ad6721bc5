//! Story 1 on a phone's width by the keyboard alone.

use crate::recording::PDF;
use crate::shared::people::{PASSWORD, world};
use crate::support::{Browser, Files, PHONE, Site, browse, wait_until};

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
const SPACE: char = ' ';
const DOWN: char = '\u{e015}';

/// The name of what has the focus, as it is read out, and whether one can see that it has it.
const FOCUSED: &str = "
    const at = document.activeElement;
    const label = at.labels && at.labels[0];
    const own = (part) => [...part.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join(' ');
    const group = at.type === 'radio' ? at.closest('fieldset').querySelector('legend').textContent + ': ' : '';
    const name = group + (label ? own(label) : at.getAttribute('aria-label') || own(at) || at.textContent);
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        && box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.left >= -4 && box.right <= innerWidth + 4;
    return [name.replace(/\\s+/g, ' ').trim(), seen];
";

struct Keys<'a>(&'a Browser);

impl Keys<'_> {
    async fn press(&self, key: char) {
        self.0.driver.action_chain().send_keys(key.to_string()).perform().await.expect("a key");
    }

    async fn type_in(&self, text: &str) {
        self.0.driver.action_chain().send_keys(text).perform().await.expect("keys");
    }

    async fn focused(&self) -> (String, bool) {
        self.0.driver.execute(FOCUSED, Vec::new()).await.expect("the focus").convert().expect("a name")
    }

    /// Tab until this has the focus; whatever has it on the way must be seen to have it.
    async fn to(&self, name: &str) {
        let mut passed = Vec::new();
        for _ in 0..80 {
            self.press(TAB).await;
            let (focused, is_seen) = self.focused().await;
            assert!(is_seen || focused.is_empty(), "one can't see that “{focused}” has the focus on {}", self.0.path().await);
            if focused == name {
                return;
            }
            passed.push(focused);
        }
        panic!("Tab does not lead to “{name}”, but to {passed:?}")
    }

    async fn fill(&self, label: &str, text: &str) {
        self.to(label).await;
        self.type_in(text).await;
    }

    /// Presses what has the focus.
    async fn go(&self, key: char) {
        self.0.leave(async || self.press(key).await).await;
    }

    async fn sign_in(&self, address: &str) {
        self.0.open("/sign-in").await;
        self.fill("E-mail address", address).await;
        self.fill("Password", PASSWORD).await;
        self.go(ENTER).await;
        self.0.assert_at("/desk").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn story_1_at_360_pixels_by_keyboard_alone() {
    let site = Site::open("2026-03-02T09:00:00Z").await;
    let world = world(&site.service).await;
    let files = Files::new();
    let pdf = files.file("SG11-LS45.pdf", PDF);

    browse(&site, PHONE, async |phone| {
        let keys = Keys(phone);
        keys.sign_in(&world.chair.address).await;
        phone.open("/").await;
        keys.to("Record an incoming statement").await;
        keys.go(ENTER).await;

        keys.fill("From", "SG11").await;
        wait_until("suggestions", async || phone.text().await.contains("Protocols and testing")).await;
        keys.press(DOWN).await;
        keys.press(ENTER).await;
        keys.fill("To", "wire").await;
        keys.fill("Title", "LS on wire formats").await;
        keys.to("Purpose: For Information").await;
        keys.press(DOWN).await;
        assert_eq!(keys.focused().await.0, "Purpose: For Action");
        keys.fill("Deadline", "1 May 2026").await;
        keys.to("Files").await;
        phone.attach("Files", &pdf).await;
        keys.to("Filled in for you: contacts; and reference, dates, copies").await;
        keys.press(SPACE).await;
        keys.fill("Peer's reference", "SG11-LS45").await;
        keys.to("Continue to check").await;
        keys.go(ENTER).await;
        phone.assert_says("Check and submit").await;
        keys.to("Submit for review").await;
        keys.go(SPACE).await;
        phone.assert_says("Submitted. Mailed: the liaison manager for ITU-T and the liaison coordinators").await;
    })
    .await;

    browse(&site, PHONE, async |phone| {
        let keys = Keys(phone);
        keys.sign_in(&world.manager_itu_t.address).await;
        keys.to("LS on wire formats").await;
        keys.go(ENTER).await;
        keys.to("Decision: Approve").await;
        keys.press(SPACE).await;
        keys.to("Send decision").await;
        keys.go(ENTER).await;
        phone.assert_at("/statements/1").await;
        phone.assert_says("Posted as Statement 1").await;
        phone.assert_says("Action needed by Friday 1 May 2026").await;
    })
    .await;
}
