//! Who asks, and from where: cookie, bearer token, origin, address.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderValue, header, request::Parts};
use governor::clock::{Clock as _, DefaultClock};

use super::{Code, Error, Floor};
use crate::{
    config::{Network, Secret},
    live::{Who, socket::Shown},
};

/// The cookie's name. The prefix makes browsers refuse it without `Secure`, with a domain or another path, so that no neighbour host can plant one.
fn cookie_name(network: &Network) -> &'static str {
    if network.is_secure() { "__Host-radrum_session" } else { "radrum_session" }
}

/// `Set-Cookie` for a new session. It lives as long as the browser is open; the server decides how long the session does.
pub fn set_cookie(network: &Network, value: &str) -> Result<HeaderValue, Error> {
    let secure = if network.is_secure() { "; Secure" } else { "" };
    let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}", cookie_name(network));
    HeaderValue::from_str(&cookie)
        .map(|mut cookie| {
            cookie.set_sensitive(true);
            cookie
        })
        .map_err(|_| Error::internal("http::guard", "a session's value does not fit a header"))
}

pub fn clear_cookie(network: &Network) -> HeaderValue {
    if network.is_secure() {
        HeaderValue::from_static("__Host-radrum_session=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0")
    } else {
        HeaderValue::from_static("radrum_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
    }
}

pub fn cookie<'a>(headers: &'a HeaderMap, network: &Network) -> Option<&'a str> {
    let name = cookie_name(network);
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(n, _)| *n == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// The credential of a request. With an `Authorization` header the cookie does not count: a script that sets one is no browser acting behind somebody's back.
pub fn shown(headers: &HeaderMap, network: &Network) -> Result<Shown, Error> {
    match headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let token = value.to_str().ok().and_then(|v| v.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            token.map(|(_, token)| Shown::Bearer(Secret::new(token.trim()))).ok_or_else(|| Error::new(Code::AuthRequired))
        }
        None => cookie(headers, network).map(|value| Shown::Cookie(Secret::new(value))).ok_or_else(|| Error::new(Code::AuthRequired)),
    }
}

/// Whether the request's `Origin` is the service's own. `None` when it has none.
pub fn origin_is_own(headers: &HeaderMap, network: &Network) -> Option<bool> {
    let origin = headers.get(header::ORIGIN)?.to_str().unwrap_or("").to_ascii_lowercase();
    if network.public_url.as_ref().is_some_and(|url| url.origin == origin) {
        return Some(true);
    }
    let scheme = if network.tls.is_some() { "https://" } else { "http://" };
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("");
    // Behind a proxy the host header is the proxy's to write: only the configured address counts.
    Some(
        network.trusted_proxy.is_empty()
            && !host.is_empty()
            && origin.strip_prefix(scheme).is_some_and(|rest| rest.eq_ignore_ascii_case(host)),
    )
}

/// For whatever changes something, and for sockets: a cookie needs an own origin, for browsers send cookies on behalf of any page.
pub fn check_origin(headers: &HeaderMap, network: &Network, shown: &Shown) -> Result<(), Error> {
    match (shown, origin_is_own(headers, network)) {
        (Shown::Bearer(_), _) | (_, Some(true)) => Ok(()),
        (Shown::Cookie(_), _) => Err(Error::new(Code::OriginRefused)),
    }
}

/// For signing in, where there is no cookie yet: a page of another site must not sign somebody in. A client that is no browser sends no origin.
pub fn check_origin_if_any(headers: &HeaderMap, network: &Network) -> Result<(), Error> {
    let cross = headers.get("sec-fetch-site").is_some_and(|v| v != "same-origin" && v != "none");
    if cross || origin_is_own(headers, network) == Some(false) { Err(Error::new(Code::OriginRefused)) } else { Ok(()) }
}

/// The address of the client: of the connection, or what a trusted proxy says of it. `None` when a trusted proxy says nothing.
pub fn client_address(parts: &Parts, network: &Network) -> Option<IpAddr> {
    let peer = parts.extensions.get::<axum::extract::ConnectInfo<SocketAddr>>()?.0.ip().to_canonical();
    if !network.trusted_proxy.contains(&peer) {
        return Some(peer);
    }
    // From the right: each proxy adds who came to it, and what stands left of the first unknown one anybody may have written.
    let listed: Vec<&str> =
        parts.headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).collect();
    let addresses = listed.iter().rev().map(|text| text.trim().parse::<IpAddr>().ok().map(|ip| ip.to_canonical()));
    addresses.take_while(Option::is_some).flatten().find(|ip| !network.trusted_proxy.contains(ip))
}

impl Floor {
    /// The credential and the person, within the limits of the session.
    pub async fn who(&self, headers: &HeaderMap, shown: &Shown, touch: bool) -> Result<Who, Error> {
        let who = self.sockets().rooms.who(shown.credential(), touch).await.map_err(|error| {
            match headers.contains_key(header::AUTHORIZATION) {
                // A token that nobody knows and one that has ended are told alike.
                true => Error::new(error.code),
                false => error,
            }
        })?;
        self.check_rate(&self.0.commands, &who.session)?;
        Ok(who)
    }

    pub fn check_signin_rate(&self, from: IpAddr) -> Result<(), Error> {
        self.check_rate(&self.0.signins, &from)
    }

    fn check_rate<K: std::hash::Hash + Eq + Clone>(&self, limiter: &governor::DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Error> {
        const FORGET_ABOVE: usize = 10_000;
        if limiter.len() > FORGET_ABOVE {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|not_until| Error::rate_limited(not_until.wait_time_from(DefaultClock::default().now())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PublicUrl;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (header::HeaderName::from_static(k), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn the_origin_is_the_own_host_or_the_configured_address() {
        let mut network = Network::local(0);
        let own = |network: &Network, pairs: &[_]| origin_is_own(&headers(pairs), network);
        assert_eq!(own(&network, &[("host", "a:1")]), None);
        assert_eq!(own(&network, &[("host", "a:1"), ("origin", "http://a:1")]), Some(true));
        for bad in ["https://a:1", "http://a", "http://a:1.evil.se", "null", ""] {
            let map = [("host", "a:1"), ("origin", bad)];
            assert_eq!(own(&network, &map), Some(false), "{bad}");
        }
        network.public_url = PublicUrl::parse("https://radrum.example.se");
        assert_eq!(own(&network, &[("host", "a"), ("origin", "https://radrum.example.se")]), Some(true));
        network.trusted_proxy = vec!["10.0.0.2".parse().unwrap()];
        assert_eq!(own(&network, &[("host", "a"), ("origin", "http://a")]), Some(false), "behind a proxy only the configured one");
    }

    #[test]
    fn only_a_trusted_proxy_says_where_a_client_is() {
        let address = |peer: &str, forwarded: &'static str, proxies: &[&str]| {
            let mut network = Network::local(0);
            network.trusted_proxy = proxies.iter().map(|p| p.parse().unwrap()).collect();
            let mut request = axum::http::Request::new(());
            request.extensions_mut().insert(axum::extract::ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
            if !forwarded.is_empty() {
                request.headers_mut().insert("x-forwarded-for", HeaderValue::from_static(forwarded));
            }
            client_address(&request.into_parts().0, &network).map(|ip| ip.to_string())
        };
        assert_eq!(address("1.1.1.1", "2.2.2.2", &[]).as_deref(), Some("1.1.1.1"));
        assert_eq!(address("10.0.0.2", "9.9.9.9, 2.2.2.2", &["10.0.0.2"]).as_deref(), Some("2.2.2.2"));
        assert_eq!(address("10.0.0.2", "2.2.2.2, 10.0.0.3", &["10.0.0.2", "10.0.0.3"]).as_deref(), Some("2.2.2.2"));
        assert_eq!(address("10.0.0.2", "", &["10.0.0.2"]), None);
        assert_eq!(address("10.0.0.2", "2.2.2.2, rubbish", &["10.0.0.2"]), None);
    }

    #[test]
    fn cookies_and_tokens() {
        let network = Network::local(0);
        assert_eq!(cookie(&headers(&[("cookie", "a=1; radrum_session=xyz; b=2")]), &network), Some("xyz"));
        assert_eq!(cookie(&headers(&[("cookie", "not_radrum_session=xyz")]), &network), None);
        let both = headers(&[("cookie", "radrum_session=xyz"), ("authorization", "Bearer t")]);
        assert!(matches!(shown(&both, &network), Ok(Shown::Bearer(token)) if token.expose() == "t"));
        assert!(shown(&headers(&[("cookie", "radrum_session=xyz"), ("authorization", "Basic t")]), &network).is_err());
        let secure = Network { public_url: PublicUrl::parse("https://a.se"), ..network };
        let set = set_cookie(&secure, "v").unwrap();
        assert_eq!(set.to_str().unwrap(), "__Host-radrum_session=v; Path=/; HttpOnly; SameSite=Strict; Secure");
        assert!(set.is_sensitive());
    }
}
