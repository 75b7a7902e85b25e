//! A virtual computer with a kernel of its own: its USB and its serial drivers are real; only the
//! devices are pretended. Its root file system is that of this computer, read-only.
//!
//! The tests of one program share one start of it: the program is started once more in there, and each test says
//! in a file that it passed.

mod acm;
pub mod bluetooth;
mod boot;
mod shared;
mod vhci;

use std::path::Path;
use std::sync::OnceLock;

pub use self::acm::plug_serial;
use self::boot::Ended;
use self::shared::SHARED;
pub use self::vhci::{Plug, plug};

/// Runs `test` in the virtual computer. Outside of it, it waits until all tests of this program ran there.
#[expect(
    clippy::print_stdout,
    reason = "its output is all that is seen of the virtual computer"
)]
pub fn in_the_guest(test: impl FnOnce()) {
    static ENDED: OnceLock<Ended> = OnceLock::new();
    let this = std::thread::current().name().unwrap().to_owned();
    if let Some(shared) = std::env::var_os(SHARED) {
        println!("== {this}");
        let began = std::time::Instant::now();
        test();
        println!("== {this} passed, {:.1?}", began.elapsed());
        std::fs::write(Path::new(&shared).join(passed(&this)), "").unwrap();
        return;
    }
    let ended = ENDED.get_or_init(boot::boot);
    assert!(ended.holds(&passed(&this)), "{this} failed. {ended}");
}

/// The file by which a test says that it passed.
fn passed(test: &str) -> String {
    format!("{}.passed", test.replace("::", "."))
}
