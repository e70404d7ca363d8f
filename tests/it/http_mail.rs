//! Notices against a real SMTP server, written here: it speaks the protocol over TCP and keeps what it gets.

use radrum::{
    config::{Smtp, SmtpTls},
    http::Locale,
    mail::{Error, Mailer, Role},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::mpsc,
};

/// What the sink got: the envelope and the data.
#[derive(Debug)]
struct Mail {
    to: String,
    data: String,
}

/// Listens; answers RCPT with `verdict`.
async fn sink(verdict: &'static str) -> (u16, mpsc::UnboundedReceiver<Mail>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (mails, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let mails = mails.clone();
            tokio::spawn(async move {
                let (reader, mut writer) = socket.into_split();
                let mut lines = BufReader::new(reader).lines();
                let (mut to, mut data, mut in_data) = (String::new(), String::new(), false);
                writer.write_all(b"220 sink ESMTP\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    if in_data {
                        if line == "." {
                            in_data = false;
                            mails.send(Mail { to: std::mem::take(&mut to), data: std::mem::take(&mut data) }).unwrap();
                            writer.write_all(b"250 kept\r\n").await.unwrap();
                        } else {
                            data.push_str(line.strip_prefix('.').unwrap_or(&line));
                            data.push('\n');
                        }
                        continue;
                    }
                    let answer = match line.split([' ', ':']).next().unwrap_or("").to_uppercase().as_str() {
                        "EHLO" => "250-sink\r\n250 8BITMIME",
                        "RCPT" => {
                            to = line;
                            verdict
                        }
                        "DATA" => {
                            in_data = true;
                            "354 go on"
                        }
                        "QUIT" => "221 bye",
                        _ => "250 ok",
                    };
                    writer.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
                }
            });
        }
    });
    (port, received)
}

fn smtp(port: u16, tls: SmtpTls) -> Smtp {
    Smtp { host: "127.0.0.1".into(), port, tls, user: None, password: None, from: "Rådrum <radrum@example.se>".into() }
}

/// The text of a mail, whichever of the two encodings it came in.
fn decoded(mail: &Mail) -> String {
    use base64::Engine;
    let (head, body) = mail.data.split_once("\n\n").unwrap();
    if head.contains("base64") {
        let packed: String = body.split_whitespace().collect();
        return String::from_utf8(base64::engine::general_purpose::STANDARD.decode(packed).unwrap()).unwrap();
    }
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'=', [a, b, after @ ..]) => {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&[*a, *b]).unwrap(), 16).unwrap());
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_notice_says_that_something_waits_and_for_which_role_and_nothing_else() {
    let (port, mut received) = sink("250 ok").await;
    let mailer = Mailer::new(&smtp(port, SmtpTls::None), Some("https://radrum.example.se".into())).unwrap();
    mailer.notify("anna.ek@example.se", Role::Handler, Locale::Sv).await.unwrap();
    mailer.notify("anna.ek@example.se", Role::UnitManager, Locale::En).await.unwrap();
    let swedish = received.recv().await.unwrap();
    assert!(swedish.to.contains("<anna.ek@example.se>"));
    assert!(swedish.data.contains("Auto-Submitted: auto-generated"), "{}", swedish.data);
    assert_eq!(
        decoded(&swedish).replace('\r', "").trim_end(),
        "Hej!\n\nNågot väntar på dig som handläggare i Rådrum. Logga in för att se vad: https://radrum.example.se\n\nDet här mejlet går inte att svara på."
    );
    let english = received.recv().await.unwrap();
    assert!(decoded(&english).contains("Something waits for you as unit manager in Rådrum."));
}

#[tokio::test]
async fn failures_are_told_apart_and_say_nothing_of_the_receiver() {
    let (refusing, _kept) = sink("550 no such person anna.ek@example.se").await;
    let (later, _kept) = sink("451 try later").await;
    let error = |port| async move {
        Mailer::new(&smtp(port, SmtpTls::None), None).unwrap().notify("anna.ek@example.se", Role::Handler, Locale::Sv).await.unwrap_err()
    };
    let refused = error(refusing).await;
    assert_eq!(refused, Error::Refused);
    assert!(!refused.to_string().contains("anna"));
    assert_eq!(error(later).await, Error::Later);
    assert_eq!(error(1).await, Error::Later);
    let mailer = Mailer::new(&smtp(later, SmtpTls::None), None).unwrap();
    assert_eq!(mailer.notify("no address", Role::Handler, Locale::Sv).await, Err(Error::Receiver));
    assert_eq!(Mailer::new(&Smtp { from: "nobody".into(), ..smtp(1, SmtpTls::None) }, None).err(), Some(Error::Sender));
}

#[tokio::test]
async fn a_server_without_tls_gets_no_mail_when_tls_is_wanted() {
    let (port, mut received) = sink("250 ok").await;
    let mailer = Mailer::new(&smtp(port, SmtpTls::StartTls), None).unwrap();
    assert!(mailer.notify("anna.ek@example.se", Role::Handler, Locale::Sv).await.is_err());
    assert!(received.try_recv().is_err());
}
