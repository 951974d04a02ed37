//! The floor for delivery: a plain SMTP sink and a plain sender on loopback, raw tokio, no TLS, no MIME.
//! Never uses the product, so that its figures can be the denominator of the product's.
//!
//! ```text
//! benches/run smtp_load                                   both ends here, a table and a line of JSON
//! benches/run smtp_load sink [ADDRESS]                    a sink alone; prints what came in, each second
//! benches/run smtp_load send ADDRESS [COUNT [CONNECTIONS [BYTES]]]
//! ```

#![expect(clippy::print_stdout, reason = "a bench exists to print its figures")]

mod send;
mod sink;

use std::time::Duration;

use send::Load;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    // cargo bench adds --bench to what it was given.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |at: usize, otherwise: usize| match arguments.get(at) {
        Some(text) => text.parse().map_err(std::io::Error::other),
        None => Ok(otherwise),
    };
    match arguments.first().map(String::as_str) {
        None => floor().await,
        Some("sink") => sink_alone(arguments.get(1).map_or("127.0.0.1:2525", String::as_str)).await,
        Some("send") => {
            let address = arguments.get(1).map_or("127.0.0.1:2525", String::as_str).to_owned();
            let load = Load { count: number(2, 1500)?, connections: number(3, 4)?, bytes: number(4, 3072)? };
            let took = send::send(&address, load).await?;
            println!("{} messages in {took:.2?}: {:.0} a second", load.count, per_second(load.count, took));
            Ok(())
        }
        Some(other) => Err(std::io::Error::other(format!("{other} is none of: sink, send"))),
    }
}

/// Sends 5,000 messages of 3 KB to a sink in this process over 1, 4 and 16 connections.
async fn floor() -> std::io::Result<()> {
    let sink = sink::Sink::start("127.0.0.1:0").await?;
    let mut rates = Vec::new();
    println!("connections   messages a second   against one");
    for connections in [1, 4, 16] {
        let load = Load { count: 5000, connections, bytes: 3072 };
        let took = send::send(&sink.address.to_string(), load).await?;
        let rate = per_second(load.count, took);
        rates.push((connections, rate));
        println!("{connections:>11}   {rate:>17.0}   {:>10.2}x", rate / rates[0].1);
    }
    let json: Vec<String> = rates.iter().map(|(n, rate)| format!("\"connections_{n}\":{rate:.0}")).collect();
    println!("{{\"bench\":\"smtp_load\",\"kept\":{},{}}}", sink.kept(), json.join(","));
    Ok(())
}

async fn sink_alone(address: &str) -> std::io::Result<()> {
    let sink = sink::Sink::start(address).await?;
    println!("smtp://{}", sink.address);
    let mut before = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let kept = sink.kept();
        if kept != before {
            println!("{} a second, {kept} in all, {} bytes", kept - before, sink.bytes());
        }
        before = kept;
    }
}

fn per_second(count: usize, took: Duration) -> f64 {
    // A count of messages is far below 2^52.
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / took.as_secs_f64()
}
