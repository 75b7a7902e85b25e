//! Runs one target by libFuzzer.

use std::cell::RefCell;
use std::ffi::{CString, c_char, c_int};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The arguments of libFuzzer, with spaces between; the folders of the corpus are the last of them.
const ARGUMENTS: &str = "FIRMDROP_FUZZ_ARGUMENTS";
/// Where the target's own seeds are written, one file for each.
const SEEDS: &str = "FIRMDROP_FUZZ_SEEDS";
/// The script that libFuzzer takes for this program: it starts a copy of itself to merge corpora, and its arguments are
/// no test's.
const AGAIN: &str = "FIRMDROP_FUZZ_AGAIN";

type Target = Box<dyn FnMut(&[u8])>;

thread_local! {
    static TARGET: RefCell<Option<Target>> = const { RefCell::new(None) };
}

unsafe extern "C" {
    fn LLVMFuzzerRunDriver(
        count: *mut c_int,
        arguments: *mut *mut *mut c_char,
        one: extern "C" fn(*const u8, usize) -> c_int,
    ) -> c_int;
}

/// What libfuzzer-sys calls where a program is one target. Here it is never called.
#[unsafe(no_mangle)]
extern "C" fn rust_fuzzer_test_input(_: &[u8]) -> c_int {
    0
}

/// A panic ends the process here, and libFuzzer stores the input.
extern "C" fn one(data: *const u8, length: usize) -> c_int {
    let input = match length {
        0 => &[][..],
        // SAFETY: libFuzzer hands out `length` bytes that stay as they are until this returns.
        _ => unsafe { std::slice::from_raw_parts(data, length) },
    };
    TARGET.with_borrow_mut(|target| {
        if let Some(target) = target {
            target(input);
        }
    });
    0
}

/// Gives what libFuzzer makes of these seeds and of its corpus to `target`. It ends the process.
pub(crate) fn fuzz(name: &str, seeds: Vec<Vec<u8>>, target: impl FnMut(&[u8])) {
    use libfuzzer_sys as _;

    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let folder = variable(SEEDS);
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(Path::new(&folder).join(format!("{name}-{number}")), seed).unwrap();
    }
    let target: Box<dyn FnMut(&[u8]) + '_> = Box::new(target);
    // SAFETY: the process ends before this returns, and with it everything that the target borrows.
    let target = unsafe { std::mem::transmute::<Box<dyn FnMut(&[u8]) + '_>, Target>(target) };
    TARGET.set(Some(target));
    let again = variable(AGAIN);
    write_again(Path::new(&again));
    let arguments = variable(ARGUMENTS);
    let arguments = std::iter::once(again.as_str()).chain(arguments.split_whitespace());
    let texts: Vec<CString> = arguments.map(|text| CString::new(text).unwrap()).collect();
    let mut pointers: Vec<*mut c_char> =
        texts.iter().map(|text| text.as_ptr().cast_mut()).collect();
    pointers.push(std::ptr::null_mut());
    let mut count = c_int::try_from(texts.len()).unwrap();
    let mut first = pointers.as_mut_ptr();
    // SAFETY: both live until the end of the process, and libFuzzer does not write to the texts.
    let ended = unsafe { LLVMFuzzerRunDriver(&raw mut count, &raw mut first, one) };
    std::process::exit(ended);
}

/// A program that runs this test once more, with arguments of libFuzzer.
fn write_again(path: &Path) {
    let this = std::env::current_exe().unwrap();
    let test = std::thread::current().name().unwrap().to_owned();
    let script = format!(
        "#!/bin/sh\nexport {ARGUMENTS}=\"$*\"\nexec '{}' --exact '{test}' --nocapture --test-threads=1\n",
        this.display()
    );
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
