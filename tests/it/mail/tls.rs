//! robustness.md SM07: encrypted as the URL says, with a certificate that holds, or nothing is said.

use std::process::Command;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::*;
use crate::support::smtp::Tls;

/// An authority that the program is told to trust.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "The authority of a test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("authority.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    /// A server with a certificate for that name until the end of that year, by this authority or by itself.
    fn acceptor(&self, name: &str, year: i32, is_signed: bool) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(year, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = if is_signed { params.signed_by(&key, &self.issuer).unwrap() } else { params.self_signed(&key).unwrap() };
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    /// What `liaison-tracker mail test` says of that server, with this authority as the system's only one.
    async fn test_mail(&self, service: &TestService, url: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_liaison-tracker"));
        command
            .args(["mail", "test", "a@example.org"])
            .env("DATABASE_URL", &service.database.url)
            .env("LIAISON_SMTP_URL", url)
            .env("LIAISON_LOG", "off")
            .env("SSL_CERT_FILE", self.folder.path().join("authority.pem"))
            .env_remove("SSL_CERT_DIR");
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!said.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        said
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_leaves_over_tls_by_a_certificate_that_holds_and_by_no_other() {
    let service = support::service_with(support::clock(NOW), &[]).await;
    let authority = Authority::new();
    let cases = [
        (authority.acceptor("localhost", 2090, true), "Accepted by the mail server: 250 taken"),
        (authority.acceptor("localhost", 2090, false), "its certificate is not by an authority that is trusted here"),
        (authority.acceptor("other.example", 2090, true), "its certificate is for another name than LIAISON_SMTP_URL says"),
        (authority.acceptor("localhost", 2020, true), "its certificate has expired"),
    ];
    for (acceptor, expected) in cases {
        for (tls, url) in [
            (Tls::Always(acceptor.clone()), "smtps://user:secret@localhost:PORT"),
            (Tls::Offered(acceptor), "smtp://user:secret@localhost:PORT?tls=required"),
        ] {
            let server = SmtpServer::encrypted(tls).await;

            let said = authority.test_mail(&service, &url.replace("PORT", &server.port.to_string())).await;

            assert!(said.contains(expected), "{url}: {said}");
            let is_accepted = said.starts_with("Accepted");
            assert!(is_accepted || said.starts_with("Not yet, it will be tried again:"), "{url}: {said}");
            assert_eq!(server.received().len(), usize::from(is_accepted), "{url}");
            assert_eq!(server.heard().iter().any(|line| line == "AUTH" || line == "MAIL"), is_accepted, "{url}: {:?}", server.heard());
        }
    }
}

/// TLS 1.0 only, or no TLS at all, at the other end.
#[tokio::test]
async fn a_server_that_can_speak_no_tls_of_today_hears_nothing_in_plain_text() {
    let alert: &[u8] = b"\x15\x03\x01\x00\x02\x02\x46"; // fatal: protocol version
    for (greeting, answer) in [(&b""[..], alert), (b"220 localhost ready\r\n", b"220 go\r\n"), (b"", b"")] {
        for url in ["smtps://user:secret@127.0.0.1:PORT", "smtp://user:secret@127.0.0.1:PORT?tls=required"] {
            let is_starttls = url.starts_with("smtp:");
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = url.replace("PORT", &listener.local_addr().unwrap().port().to_string());
            let service = service_at(&url, &[]).await;
            queue(&service.app, &message(&["a@example.org"])).await;
            let other_end = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut heard = Vec::new();
                let mut buffer = vec![0; 4096];
                if is_starttls {
                    for said in ["220 localhost ready\r\n", "250-localhost\r\n250 STARTTLS\r\n", "220 go ahead\r\n"] {
                        let _ = stream.write_all(said.as_bytes()).await;
                        let read = stream.read(&mut buffer).await.unwrap_or(0);
                        heard.extend_from_slice(&buffer[..read]);
                    }
                } else {
                    let _ = stream.write_all(greeting).await;
                    let read = stream.read(&mut buffer).await.unwrap_or(0);
                    heard.extend_from_slice(&buffer[..read]);
                }
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
                let _ = stream.read_to_end(&mut heard).await;
                heard
            });

            drain(&service.app).await;

            let after = deliveries(&service.app).await;
            assert_eq!((after[0].state.as_str(), after[0].minutes), ("queued", 1), "{url}");
            assert!(after[0].words.contains("TLS"), "{url}: {}", after[0].words);
            let heard = String::from_utf8_lossy(&other_end.await.unwrap()).into_owned();
            assert!(!heard.contains("AUTH") && !heard.contains("MAIL") && !heard.contains("secret"), "{url}: {heard}");
        }
    }
}
