//! The SMTP sink, driven by a client that speaks line by line, so that no library repairs what it does wrong.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use super::smtp::{ALWAYS, Deed, SmtpSink, Stage, Times};

/// A client that says a line and hears the last line of the answer; an empty text where the server has gone.
struct Client(BufStream<TcpStream>);

impl Client {
    async fn connect(sink: &SmtpSink) -> (Self, String) {
        let mut client = Self(BufStream::new(TcpStream::connect(sink.address()).await.unwrap()));
        let greeting = client.hear().await;
        (client, greeting)
    }

    async fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap_or(0);
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    async fn say(&mut self, line: &str) -> String {
        // The server may have gone already: then there is nothing to hear either.
        let _ = self.0.write_all(format!("{line}\r\n").as_bytes()).await;
        let _ = self.0.flush().await;
        self.hear().await
    }

    /// Everything up to DATA; the answers to RCPT TO.
    async fn address(&mut self, to: &[&str]) -> Vec<String> {
        assert!(self.say("EHLO client.invalid").await.starts_with("250 "));
        assert_eq!(self.say("MAIL FROM:<office@example.org> BODY=8BITMIME").await, "250 OK");
        let mut answers = Vec::new();
        for address in to {
            answers.push(self.say(&format!("RCPT TO:<{address}>")).await);
        }
        answers
    }

    async fn write(&mut self, message: &str) -> String {
        assert!(self.say("DATA").await.starts_with("354"));
        self.say(&format!("{message}\r\n.")).await
    }
}

#[tokio::test]
async fn a_letter_is_kept_with_its_envelope_and_without_the_dots_of_smtp() {
    let sink = SmtpSink::start().await;
    let (mut client, greeting) = Client::connect(&sink).await;
    assert_eq!(greeting, "220 sink.invalid ESMTP");
    client.address(&["lee@example.org", "kim@example.org"]).await;
    assert_eq!(client.write("Subject: Hi\r\n\r\n..leading dot\r\nend").await, "250 Kept");
    client.address(&["ann@example.org"]).await;
    assert_eq!(client.write("Subject: Again\r\n").await, "250 Kept");
    assert_eq!(client.say("QUIT").await, "221 Bye");

    let received = sink.wait_for(2).await;
    assert_eq!(received[0].from, "office@example.org");
    assert_eq!(received[0].to, ["lee@example.org", "kim@example.org"]);
    assert_eq!(received[0].bytes, b"Subject: Hi\r\n\r\n.leading dot\r\nend\r\n");
    assert_eq!(received[0].read().subject, "Hi");
    assert_eq!(received[1].to, ["ann@example.org"]);
    assert_eq!((sink.connections(), sink.url()), (1, format!("smtp://{}", sink.address())));
}

#[tokio::test]
async fn a_full_mailbox_is_full_twice_and_an_unknown_one_is_unknown_for_ever() {
    let sink = SmtpSink::start().await;
    sink.fails(Stage::Recipient("lee@example.org"), Deed::Answer(451), Times(2));
    sink.fails(Stage::Recipient("gone@example.org"), Deed::Answer(550), ALWAYS);
    let (mut client, _) = Client::connect(&sink).await;
    let codes = |answers: Vec<String>| answers.iter().map(|line| line[..3].to_owned()).collect::<Vec<_>>();
    let people = ["LEE@example.org", "gone@example.org", "kim@example.org"];
    for expected in [["451", "550", "250"], ["451", "550", "250"], ["250", "550", "250"]] {
        assert_eq!(codes(client.address(&people).await), expected);
    }
    sink.recovers();
    assert_eq!(codes(client.address(&people).await), ["250", "250", "250"]);
    assert!(sink.received().is_empty());
}

#[tokio::test]
async fn a_letter_to_nobody_or_from_nobody_is_refused() {
    let sink = SmtpSink::start().await;
    let (mut client, _) = Client::connect(&sink).await;
    assert!(client.say("RCPT TO:<lee@example.org>").await.starts_with("503"));
    assert!(client.say("MAIL FROM:<a@example.org>").await.starts_with("250"));
    assert!(client.say("DATA").await.starts_with("503"));
    assert!(client.say("RSET").await.starts_with("250"));
    assert!(client.say("RCPT TO:<lee@example.org>").await.starts_with("503"));
    assert!(client.say("STARTTLS").await.starts_with("502"));
}

#[tokio::test]
async fn a_busy_server_says_421_and_closes() {
    let sink = SmtpSink::start().await;
    sink.fails(Stage::Greeting, Deed::Answer(421), Times(1));
    let (mut client, greeting) = Client::connect(&sink).await;
    assert!(greeting.starts_with("421"));
    assert_eq!(client.say("EHLO client.invalid").await, "");
    let (_, greeting) = Client::connect(&sink).await;
    assert!(greeting.starts_with("220"));
    assert_eq!(sink.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_body_leaves_no_letter() {
    let sink = SmtpSink::start().await;
    sink.fails(Stage::Body, Deed::Drop, Times(1));
    let (mut client, _) = Client::connect(&sink).await;
    client.address(&["lee@example.org"]).await;
    assert_eq!(client.write("Subject: Hi\r\n\r\nHello").await, "");
    assert!(sink.received().is_empty());
}

#[tokio::test]
async fn a_lost_answer_after_the_dot_leaves_the_letter_and_a_silent_client() {
    let sink = SmtpSink::start().await;
    for deed in [Deed::Hang, Deed::Drop] {
        sink.fails(Stage::Dot, deed, Times(1));
        let (mut client, _) = Client::connect(&sink).await;
        client.address(&["lee@example.org"]).await;
        let answer = tokio::time::timeout(Duration::from_millis(200), client.write("Subject: Hi\r\n")).await;
        assert_eq!(answer.ok().as_deref(), if deed == Deed::Hang { None } else { Some("") });
    }
    assert_eq!(sink.wait_for(2).await.len(), 2);
}

#[tokio::test]
async fn login_sender_and_letter_can_each_be_refused() {
    let sink = SmtpSink::start().await;
    sink.fails(Stage::Login, Deed::Answer(535), Times(1));
    sink.fails(Stage::Sender, Deed::Answer(452), Times(1));
    sink.fails(Stage::AnyRecipient, Deed::Answer(450), Times(1));
    sink.fails(Stage::Dot, Deed::Answer(554), Times(1));
    let (mut client, _) = Client::connect(&sink).await;
    assert!(client.say("AUTH PLAIN AGEAYg==").await.starts_with("535"));
    assert!(client.say("AUTH PLAIN AGEAYg==").await.starts_with("235"));
    assert!(client.say("MAIL FROM:<a@example.org>").await.starts_with("452"));
    assert!(client.address(&["lee@example.org"]).await[0].starts_with("450"));
    client.address(&["lee@example.org"]).await;
    assert!(client.write("Subject: Hi\r\n").await.starts_with("554"));
    assert!(sink.received().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_never_comes_fails_the_test_with_a_count() {
    let failed = tokio::spawn(async { SmtpSink::start().await.wait_for(1).await }).await.unwrap_err();
    let words = failed.into_panic().downcast::<String>().unwrap();
    assert!(words.contains("1 letters were expected") && words.ends_with("0 came"), "{words}");
}
