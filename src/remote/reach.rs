//! Which addresses may be connected to. A name is looked up once, every address it gives is judged, and only those that
//! passed are given to whoever connects, so that a name cannot change its mind in between.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;

use tokio::net::lookup_host;
use url::{Host, Url};

use super::Trouble;

/// More addresses of one name are not tried.
const MAX_ADDRESSES: usize = 8;

/// What the name service answers.
pub(super) type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;
/// Asks it for a name and a port; a test answers in its place.
pub(super) type LookUp = Box<dyn Fn(String, u16) -> Found + Send + Sync>;

/// The name service of the system.
pub(super) fn of_the_system() -> LookUp {
    Box::new(|name, port| Box::pin(async move { Ok(lookup_host((name, port)).await?.collect()) }))
}

/// How far somebody may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses, over https.
    Public,
    /// This machine, over http too, and nothing else: for whom a setting names it.
    Loopback,
}

impl Reach {
    /// The reach that a setting of one's own needs: this machine where it names this machine.
    #[must_use]
    pub fn to(url: &Url) -> Self {
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if here { Self::Loopback } else { Self::Public }
    }

    fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Public => is_public(address.to_canonical()),
            Self::Loopback => address.to_canonical().is_loopback(),
        }
    }

    /// Where a URL leads, as far as it is within reach.
    pub(super) async fn addresses(self, url: &Url, look_up: &LookUp) -> Result<Vec<SocketAddr>, Trouble> {
        let speaks = url.scheme() == "https" || (url.scheme() == "http" && self == Self::Loopback);
        let bare = url.username().is_empty() && url.password().is_none();
        let port = url.port_or_known_default().filter(|_| speaks && bare).ok_or(Trouble::Address)?;
        let found: Vec<SocketAddr> = match url.host().ok_or(Trouble::Address)? {
            Host::Ipv4(address) => vec![(address, port).into()],
            Host::Ipv6(address) => vec![(address, port).into()],
            Host::Domain(name) => look_up(name.to_owned(), port).await.map_err(|_| Trouble::Name)?,
        };
        if found.is_empty() {
            return Err(Trouble::Name);
        }
        let few = found.into_iter().take(MAX_ADDRESSES);
        let within: Vec<_> = few.filter(|address| self.allows(address.ip())).collect();
        if within.is_empty() { Err(Trouble::Private) } else { Ok(within) }
    }
}

/// Whether an address belongs to the public network (the special-purpose registries of IANA say what does not).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        // Shared by a carrier's customers, for protocols, for 6to4 relays, for measuring.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

/// Global unicast without what wraps other addresses (Teredo, 6to4) or is for documents.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global = (0x2000..0x4000).contains(&a);
    let special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || matches!(a, 0x2002 | 0x3fff);
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_network_is_public() {
        let public = ["8.8.8.8", "20.190.128.1", "2606:4700::1111", "2a00:1450:4001::1"];
        let special = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "64:ff9b::a00:1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
        ];
        for text in public {
            assert!(Reach::Public.allows(text.parse().unwrap()), "{text}");
        }
        for text in special {
            assert!(!Reach::Public.allows(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_setting_that_names_this_machine_reaches_this_machine_alone() {
        let to = |text: &str| Reach::to(&text.parse().unwrap());
        assert_eq!(to("http://127.0.0.1:8080/"), Reach::Loopback);
        assert_eq!(to("http://[::1]/"), Reach::Loopback);
        assert_eq!(to("https://login.example.org/"), Reach::Public);
        assert_eq!(to("https://10.0.0.1/"), Reach::Public);
        assert!(!Reach::Loopback.allows("8.8.8.8".parse().unwrap()));
        assert!(!Reach::Loopback.allows("10.0.0.1".parse().unwrap()));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_public() {
        for text in ["https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/"] {
            assert_eq!(
                Reach::Public.addresses(&text.parse().unwrap(), &of_the_system()).await,
                Err(Trouble::Private),
                "{text}"
            );
        }
        for text in ["http://example.org/", "ftp://example.org/", "https://a:b@example.org/"] {
            assert_eq!(
                Reach::Public.addresses(&text.parse().unwrap(), &of_the_system()).await,
                Err(Trouble::Address),
                "{text}"
            );
        }
    }
}
