//! A mail server that keeps what it gets.

use std::sync::{Arc, Mutex};

use radrum::{
    config::{Smtp, SmtpTls},
    mail::Mailer,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

pub struct Sink {
    pub port: u16,
    /// Everything that was said to it: envelopes, heads and bodies.
    heard: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    pub async fn start() -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Sink { port: listener.local_addr().unwrap().port(), heard: Arc::default() };
        let heard = sink.heard.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let heard = heard.clone();
                tokio::spawn(async move {
                    let (reader, mut writer) = socket.into_split();
                    let mut lines = BufReader::new(reader).lines();
                    let mut in_data = false;
                    let _ = writer.write_all(b"220 sink ESMTP\r\n").await;
                    while let Ok(Some(line)) = lines.next_line().await {
                        heard.lock().unwrap().push(line.clone());
                        let answer = match line.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
                            _ if in_data && line != "." => continue,
                            "." => "250 kept",
                            "EHLO" => "250-sink\r\n250 8BITMIME",
                            "DATA" => "354 go on",
                            "QUIT" => "221 bye",
                            _ => "250 ok",
                        };
                        in_data = answer.starts_with("354");
                        let _ = writer.write_all(format!("{answer}\r\n").as_bytes()).await;
                    }
                });
            }
        });
        sink
    }

    pub fn mailer(&self) -> Mailer {
        let smtp = Smtp {
            host: "127.0.0.1".into(),
            port: self.port,
            tls: SmtpTls::None,
            user: None,
            password: None,
            from: "Rådrum <radrum@example.se>".into(),
        };
        Mailer::new(&smtp, Some("https://radrum.example.se".into())).unwrap()
    }

    /// What has been said, also as it reads when decoded.
    pub fn heard(&self) -> String {
        use base64::Engine;
        let lines = self.heard.lock().unwrap().clone();
        let joined = lines.join("\n");
        let base64: Vec<String> = lines
            .iter()
            .filter_map(|l| base64::prelude::BASE64_STANDARD.decode(l.trim()).ok())
            .filter_map(|b| String::from_utf8(b).ok())
            .collect();
        let soft = joined.replace("=\n", "");
        let mut quoted = Vec::new();
        let mut rest = soft.as_bytes();
        while let [first, tail @ ..] = rest {
            let pair = tail.get(..2).and_then(|p| std::str::from_utf8(p).ok()).and_then(|p| u8::from_str_radix(p, 16).ok());
            match (first, pair) {
                (b'=', Some(byte)) => {
                    quoted.push(byte);
                    rest = &tail[2..];
                }
                _ => {
                    quoted.push(*first);
                    rest = tail;
                }
            }
        }
        format!("{joined}\n{}\n{}", base64.join("\n"), String::from_utf8_lossy(&quoted))
    }

    pub fn mails(&self) -> usize {
        self.heard.lock().unwrap().iter().filter(|l| *l == ".").count()
    }
}
