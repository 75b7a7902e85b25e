//! What is said of each layer that fails.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose as _};

use crate::{Delivered, NetError, TlsFault};

#[test]
fn every_layer_has_its_own_code_and_a_remedy() {
    let host = || "host.test".to_owned();
    let why = || "because".to_owned();
    let cases = [
        (NetError::NameNotKnown { host: host() }, Code::HostNotFound),
        (
            NetError::Unreachable {
                host: host(),
                why: why(),
            },
            Code::HostUnreachable,
        ),
        (
            NetError::Proxy {
                proxy: host(),
                why: why(),
            },
            Code::ProxyFailed,
        ),
        (
            NetError::Tls {
                host: host(),
                why: why(),
                fault: TlsFault::Other,
            },
            Code::TlsFailed,
        ),
        (
            NetError::ProxySignIn {
                proxy: host(),
                gave_password: false,
                other_schemes: None,
            },
            Code::ProxyFailed,
        ),
        (
            NetError::Coding {
                host: host(),
                why: why(),
            },
            Code::AnswerUnreadable,
        ),
        (
            NetError::Silent {
                host: host(),
                waited: Duration::from_secs(30),
                delivered: Delivered::Perhaps,
            },
            Code::ServiceTimeout,
        ),
        (
            NetError::NotJson {
                host: host(),
                status: 200,
                kind: "a web page".to_owned(),
            },
            Code::NotThisService,
        ),
        (
            NetError::TooLarge {
                host: host(),
                limit_bytes: 1,
            },
            Code::AnswerUnreadable,
        ),
    ];
    for (error, code) in cases {
        let diagnosis = error.diagnose();
        assert_eq!(diagnosis.code, code);
        assert!(!diagnosis.remedies.is_empty(), "{code}");
        assert!(diagnosis.what_happened.ends_with('.'), "{code}");
    }
}

#[test]
fn what_something_on_the_way_answers_is_neither_of_the_host_nor_of_a_proxy_that_nobody_named() {
    let host = || "host.test".to_owned();
    let page = NetError::NotJson {
        host: host(),
        status: 200,
        kind: "a web page".to_owned(),
    };
    let gateway = page.after_own_answers().diagnose();
    assert_eq!(gateway.code, Code::ServiceFailed);
    assert!(gateway.title.contains("gateway"), "{gateway:?}");
    let unasked = NetError::SignInUnasked {
        host: host(),
        schemes: None,
    };
    let diagnosis = unasked.diagnose();
    assert_eq!(diagnosis.code, Code::ProxyFailed);
    assert!(diagnosis.why.contains("not known"), "{diagnosis:?}");
}
