//! The password of a proxy, apart from its address: addresses are shown, passwords are not.

use secrecy::ExposeSecret as _;

use super::AccessKey;

/// The address without the password in it, and the password as it is written there.
pub fn split_password(proxy: &str) -> (String, Option<AccessKey>) {
    let parts = || {
        let (scheme, rest) = proxy.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let (user_info, host) = authority.rsplit_once('@')?;
        let (user, password) = user_info.split_once(':')?;
        Some((format!("{scheme}://{user}@{host}{path}"), password))
    };
    match parts() {
        Some((shown, password)) if !password.is_empty() => {
            (shown, Some(AccessKey::from(password.to_owned())))
        }
        Some((shown, _)) => (shown, None),
        None => (proxy.to_owned(), None),
    }
}

/// The address with this password in it, for whoever connects.
pub fn with_password(proxy: &str, password: Option<&AccessKey>) -> String {
    let parts = || {
        let (scheme, rest) = proxy.split_once("://")?;
        let (user, host) = rest.split_once('@')?;
        let password = password?.expose_secret();
        Some(format!("{scheme}://{user}:{password}@{host}"))
    };
    parts().unwrap_or_else(|| proxy.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_leaves_the_address_and_comes_back_into_it() {
        let proxy = "http://lab:p%40ss:word@proxy.example:8080/";
        let (shown, password) = split_password(proxy);
        assert_eq!(shown, "http://lab@proxy.example:8080/");
        let password = password.unwrap();
        assert_eq!(password.expose_secret(), "p%40ss:word");
        assert_eq!(with_password(&shown, Some(&password)), proxy);
        assert_eq!(with_password(&shown, None), shown);
    }

    #[test]
    fn an_address_without_a_password_stays_as_it_is() {
        for proxy in [
            "http://proxy.example:8080",
            "socks5://lab@proxy.example",
            "no address",
            "",
        ] {
            let (shown, password) = split_password(proxy);
            assert_eq!(shown, proxy);
            assert!(password.is_none());
        }
    }
}
