//! What a rollout must remember across a kill, and the one who remembers it.

use std::time::Duration;

use async_trait::async_trait;
use firmdrop_core::SignedUrl;
use serde::{Deserialize, Serialize};

use crate::pelion::upload::RecordError;

/// One thing that is known from now on. Each is durable before the rollout continues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rollout", rename_all = "snake_case")]
pub enum RolloutFact {
    /// The service's image is ours, and devices fetch it here.
    Image {
        /// Its address. No secret: the signed manifest carries it whole to every device, which
        /// fetches from it without a key for as long as the campaign runs.
        url: String,
    },
    /// The manifest was made and signed. A later run sends these very bytes.
    ManifestMade {
        /// Hexadecimal of its file.
        hex: String,
    },
    /// The manifest goes out now.
    SendingManifest,
    /// The service gave the manifest's id.
    Manifest {
        /// Its id.
        id: String,
        /// Where its bytes can be read back; empty when the service does not say. It may be signed
        /// and expire: a later run asks for it anew.
        #[serde(default)]
        url: SignedUrl,
    },
    /// A request that creates the campaign goes out now.
    CreatingCampaign,
    /// The service gave the campaign's id.
    Campaign {
        /// Its id.
        id: String,
    },
    /// The start goes out now.
    Starting,
    /// The service took the start.
    Started,
    /// The service refused what went out last, so that it surely was not done.
    Refused,
}

/// Remembers the deeds of a rollout; an error stops it before the network is touched again.
#[async_trait]
pub trait RolloutRecord: Send + Sync {
    /// Writes one fact down; it is durable when this returns.
    async fn rollout(&self, fact: &RolloutFact) -> Result<(), RecordError>;
}

/// What earlier runs knew. The default is a first run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "three deeds that may have been done, and one that was"
)]
pub struct RolloutState {
    /// Where devices fetch the image; known once it was compared.
    pub image_url: Option<String>,
    /// The manifest's file.
    pub manifest: Option<Vec<u8>>,
    /// The manifest may have gone out.
    pub manifest_attempted: bool,
    /// Its id.
    pub manifest_id: Option<String>,
    /// Where its bytes can be read back.
    pub manifest_url: SignedUrl,
    /// A request that creates the campaign may have gone out.
    pub campaign_attempted: bool,
    /// Its id.
    pub campaign_id: Option<String>,
    /// The start may have gone out.
    pub start_attempted: bool,
    /// The service took the start.
    pub started: bool,
    /// How long ago what went out last went out, at least; a request of this run went out just now.
    pub ago: Duration,
}

impl RolloutState {
    /// Adds what was written down, in its order.
    pub fn learn(&mut self, fact: &RolloutFact) {
        self.ago = Duration::ZERO;
        match fact {
            RolloutFact::Image { url } => self.image_url = Some(url.clone()),
            RolloutFact::ManifestMade { hex } => self.manifest = bytes_of(hex),
            RolloutFact::SendingManifest => self.manifest_attempted = true,
            RolloutFact::Manifest { id, url } => {
                self.manifest_id = Some(id.clone());
                self.manifest_url.clone_from(url);
            }
            RolloutFact::CreatingCampaign => self.campaign_attempted = true,
            RolloutFact::Campaign { id } => self.campaign_id = Some(id.clone()),
            RolloutFact::Starting => self.start_attempted = true,
            RolloutFact::Started => self.started = true,
            RolloutFact::Refused => {
                // Each deed is attempted only when the one before has succeeded.
                self.manifest_attempted &= self.manifest_id.is_some();
                self.campaign_attempted &= self.campaign_id.is_some();
                self.start_attempted &= self.started;
            }
        }
    }
}

/// Hexadecimal, two digits for each byte.
pub(super) fn hex_of(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_read_back_into_the_state_it_was_written_from() {
        let facts = [
            RolloutFact::Image {
                url: "http://x/1".into(),
            },
            RolloutFact::ManifestMade {
                hex: hex_of(&[0, 255, 16]),
            },
            RolloutFact::SendingManifest,
            RolloutFact::Manifest {
                id: "m".into(),
                url: "http://x/2".into(),
            },
            RolloutFact::CreatingCampaign,
            RolloutFact::Campaign { id: "c".into() },
            RolloutFact::Starting,
            RolloutFact::Started,
        ];
        let mut state = RolloutState::default();
        for fact in &facts {
            let text = serde_json::to_string(fact).unwrap();
            state.learn(&serde_json::from_str(&text).unwrap());
        }
        assert_eq!(state.manifest.as_deref(), Some(&[0, 255, 16][..]));
        assert!(state.manifest_attempted && state.campaign_attempted && state.started);
        assert_eq!(state.campaign_id.as_deref(), Some("c"));
    }

    #[test]
    fn what_was_refused_was_not_done_and_what_was_done_before_stays() {
        let mut state = RolloutState::default();
        for fact in [
            RolloutFact::SendingManifest,
            RolloutFact::Refused,
            RolloutFact::SendingManifest,
            RolloutFact::Manifest {
                id: "m".into(),
                url: SignedUrl::default(),
            },
            RolloutFact::CreatingCampaign,
            RolloutFact::Refused,
        ] {
            state.learn(&fact);
        }
        assert!(state.manifest_attempted && !state.campaign_attempted);
        assert_eq!(state.manifest_id.as_deref(), Some("m"));
    }

    #[test]
    fn an_older_journal_tells_no_address_of_the_manifest() {
        let fact = serde_json::from_str(r#"{"rollout":"manifest","id":"m"}"#).unwrap();
        let mut state = RolloutState::default();
        state.learn(&fact);
        assert!(state.manifest_url.is_empty());
    }

    #[test]
    fn hexadecimal_that_is_none_is_no_manifest() {
        assert_eq!(bytes_of("0g"), None);
        assert_eq!(bytes_of("0"), Some(vec![0]));
    }
}
