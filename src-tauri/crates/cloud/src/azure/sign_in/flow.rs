//! Ways to sign in that the service's reference names and that are not offered, with the reason.

use firmdrop_core::{Code, Diagnosis, Remedy};

use crate::azure::TokenError;

/// A way that is not offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedFlow {
    /// `response_type=token`: the token comes in an address.
    Implicit,
    /// The user's password is handed to the program.
    Password,
}

impl RefusedFlow {
    /// The way of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "implicit" | "azure_auth_implicit" | "token" => Some(Self::Implicit),
            "password" | "azure_auth_password" | "ropc" => Some(Self::Password),
            _ => None,
        }
    }

    /// Why it is not offered. RFC 9700 (best practice of OAuth 2.0 security), sections 2.1.2 and 2.4.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Implicit => {
                "The implicit flow puts the token into an address, where browsers and proxies store it, and gives no way to renew it. OAuth's security practice (RFC 9700) advises against it."
            }
            Self::Password => {
                "The password flow hands the user's password to the program and cannot ask for a second factor. OAuth's security practice (RFC 9700) forbids it."
            }
        }
    }

    /// The same as an error with what to do instead.
    pub fn error(self) -> TokenError {
        let what = match self {
            Self::Implicit => "The implicit flow is not offered.",
            Self::Password => "Sign-in with a user's password is not offered.",
        };
        let diagnosis = Diagnosis::new(Code::AccountInvalid, what, self.reason())
            .state("Nothing was sent.")
            .remedy(Remedy::Advice {
                text: "Sign in with the browser, with a code, through the Azure CLI, or as an application with a secret or certificate.".to_owned(),
            });
        TokenError(Box::new(diagnosis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refused_ways_are_known_by_the_names_of_the_reference() {
        assert_eq!(
            RefusedFlow::named("azure_auth_implicit"),
            Some(RefusedFlow::Implicit)
        );
        assert_eq!(
            RefusedFlow::named("azure_auth_password"),
            Some(RefusedFlow::Password)
        );
        assert_eq!(RefusedFlow::named("azure_auth_code"), None);
        for flow in [RefusedFlow::Implicit, RefusedFlow::Password] {
            assert!(flow.error().0.why.contains("RFC 9700"));
        }
    }
}
