//! Addresses that lead inside: whatever a therapist, or somebody in their name, gives as the address of their calendar, nobody
//! on this machine or in its network is ever connected to. Names that change their mind are for the tests of that room.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use holdspace::remote::published::{Problem, Published};
use holdspace::remote::{Reach, Trouble};
use tokio::net::TcpListener;

/// Counts who connects.
async fn counts(at: &str, came: &Arc<AtomicUsize>) -> Option<u16> {
    let listener = TcpListener::bind(at).await.ok()?;
    let port = listener.local_addr().unwrap().port();
    let came = Arc::clone(came);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            came.fetch_add(1, Ordering::SeqCst);
        }
    });
    Some(port)
}

/// Hosts that are this machine, its neighbours, or nobody.
const HOSTS: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "%6c%6f%63alhost",
    "①②⑦.⓪.⓪.①",
    "１２７.０.０.１",
    "127。0。0。1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[100::1]",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.254",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "255.255.255.255",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_address_leads_inside_however_it_is_written() {
    let came = Arc::new(AtomicUsize::new(0));
    let port = counts("127.0.0.1:0", &came).await.unwrap();
    // Where this machine has no such addresses, nobody can connect to them either.
    counts(&format!("[::1]:{port}"), &came).await;
    let published = Published::new(Reach::Public).unwrap();
    let mut addresses = Vec::new();
    for host in HOSTS {
        for way in [
            format!("https://{host}:{port}/a.ics"),
            format!("webcal://{host}:{port}/a.ics"),
            format!("https://public.example.org@{host}:{port}/"),
            format!("https://{host}:{port}@127.0.0.1:{port}/"),
            format!("https://{host}:{port}\\@public.example.org/"),
            format!("https:\\\\{host}:{port}/"),
            format!(" https://{host}:{port}/ "),
            format!("https:///{host}:{port}/"),
            format!("http://{host}:{port}/"),
            format!("https://{host}:{port}#@public.example.org/"),
            format!("https://{host}\t:{port}/\r\nHost: public.example.org"),
        ] {
            addresses.push(way);
        }
    }
    for other in [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "data:text/calendar,BEGIN:VCALENDAR",
        "//",
        "https://",
        "",
    ] {
        addresses.push(other.to_owned());
    }
    for address in &addresses {
        for account in [None, Some(("maria", "secret"))] {
            let read = published.read(address, account, "").await;
            let inside = [Trouble::Private, Trouble::Address, Trouble::Name];
            assert!(
                matches!(read, Err(Problem::Remote(why)) if inside.contains(&why)),
                "{address}: {read:?}"
            );
        }
    }
    println!("{} addresses", addresses.len());
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(came.load(Ordering::SeqCst), 0, "somebody connected");
}
