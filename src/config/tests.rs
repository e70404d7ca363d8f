use super::*;

fn load(toml: &str, environment: &[(&str, &str)]) -> Result<Settings, Error> {
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    settings::build(&Given::read(Some(("radrum.toml".into(), toml.into())), environment)?)
}

fn error(toml: &str, environment: &[(&str, &str)]) -> String {
    load(toml, environment).unwrap_err().to_string()
}

#[test]
fn nothing_given_is_a_local_service() {
    let s = Settings::load(None, []).unwrap();
    assert_eq!(s.network.listen.to_string(), "127.0.0.1:8080");
    assert_eq!((s.session_idle.as_secs(), &s.network.rates), (900, &Rates::default()));
    assert!(s.smtp.is_none() && s.database.is_none() && !s.network.is_secure());
}

#[test]
fn the_environment_stands_over_the_file() {
    let toml = "listen = \"127.0.0.1:9000\"\n[smtp]\nhost = \"mail.example.se\"\nport = 25\nfrom = \"a@example.se\"\n[session]\nidle_minutes = 5\n";
    let s = load(toml, &[("RADRUM_LISTEN", "127.0.0.1:9001"), ("RADRUM_SMTP_PASSWORD", "hemligt"), ("RADRUM_SESSION_IDLE_MINUTES", "")])
        .unwrap();
    assert_eq!(s.network.listen.port(), 9001);
    assert_eq!(s.session_idle.as_secs(), 300);
    assert_eq!(s.smtp.as_ref().unwrap().port, 25);
    assert!(!format!("{s:?}").contains("hemligt"), "secrets are not printed");
}

#[test]
fn errors_name_the_key_and_what_to_write_and_never_the_value() {
    for (toml, env, key) in [
        ("listen = \"hemligt\"", &[][..], "listen (radrum.toml)"),
        ("", &[("RADRUM_LISTEN", "hemligt")], "listen (RADRUM_LISTEN)"),
        ("database = \"mysql://hemligt\"", &[], "database"),
        ("public_url = \"https://hemligt/path\"", &[], "public_url"),
        ("[session]\nidle_minutes = 0", &[], "session.idle_minutes"),
        ("[rate]\nburst = 0", &[], "rate.burst"),
        ("[metrics]\ntoken = \"hemligt\"", &[], "metrics.token"),
        ("[log]\nlevel = \"trace\"", &[], "log.level"),
        ("[smtp]\nhost = \"mail.example.se\"\nfrom = \"a@b.se\"\ntls = \"none\"", &[], "smtp.tls"),
        ("[smtp]\nhost = \"mail.example.se\"", &[], "smtp.from is missing"),
        ("[tls]\ncert = \"hemligt\"", &[], "tls.key is missing"),
        ("trusted_proxy = \"10.0.0.2\"", &[], "public_url is missing"),
        ("listen = [{}]", &[], "listen"),
    ] {
        let said = error(toml, env);
        assert!(said.contains(key) && said.contains("Write "), "{said}");
        assert!(!said.contains("hemligt"), "{said}");
    }
    assert!(error("a = ", &[]).contains("line 1"));
    assert!(!error("password = hemligt", &[]).contains("hemligt"));
}

#[test]
fn an_unknown_key_is_named_with_the_one_it_resembles() {
    assert!(error("lisen = \"x\"", &[]).contains("lisen, which Rådrum does not know. Did you mean listen?"));
    assert!(error("[smpt]\nx = 1", &[]).contains("smpt"));
}

#[test]
fn off_loopback_wants_tls_or_a_named_proxy() {
    assert!(error("listen = \"0.0.0.0:80\"", &[]).contains("tls.cert"));
    let proxied =
        load("listen = \"0.0.0.0:80\"\ntrusted_proxy = [\"10.0.0.2\", \"::1\"]\npublic_url = \"https://Radrum.example.se:443/\"", &[])
            .unwrap();
    assert_eq!(proxied.network.trusted_proxy.len(), 2);
    assert_eq!(proxied.network.public_url.as_ref().unwrap().origin, "https://radrum.example.se");
    assert!(proxied.network.is_secure());
    assert!(load("listen = \"[::]:443\"\n[tls]\ncert = \"c\"\nkey = \"k\"", &[]).unwrap().network.is_secure());
}
