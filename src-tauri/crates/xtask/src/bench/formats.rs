//! Verdicts of files with a structure, of 64 MiB of firmware each, against programs that read the same: HEX and
//! S-record, UF2, and a zip archive.
//!
//! The firmware is the release program itself, over and over: code, as in real images, and no random bytes.

use std::fs::{self, File};
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::measure::{pairs, time};
use super::peak;
use super::product::{Product, quietly, release};
use super::row::{Goal, Row};
use super::scratch::{MIB, Scratch};
use crate::command::Run;
use crate::failure::{Doing, Failure};
use crate::repository;

const SIZE_BYTES: u64 = 64 * MIB;
const SMALL_BYTES: u64 = 8 * MIB;
const WARM_UPS: usize = 1;
const TURNS: usize = 3;

/// Most difference in memory between a file of 8 MiB and one of 64 MiB, MiB.
const DIFFERENCE_MIB: f64 = 4.0;

/// What `intelhex` is asked to do: read the file, as its own programs do.
const INTELHEX: &str = "import sys, intelhex; intelhex.IntelHex(sys.argv[1]).segments()";

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("formats")?;
    let product = Product::new(scratch.path("home"));
    let image = firmware(&scratch, "image", SIZE_BYTES)?;
    let small = firmware(&scratch, "small", SMALL_BYTES)?;
    let hex = converted(&scratch, &image, "ihex")?;
    let mut rows = Vec::new();
    let out = scratch.path("out.bin");
    let inspect = |file: &Path| quietly(product.cli().arg("inspect").arg(file).arg("--json"));
    let objcopy = |format: &str, file: &Path| {
        quietly(
            Run::new("objcopy")
                .args(["-I", format, "-O", "binary"])
                .arg(file)
                .arg(&out),
        )
    };
    for format in ["ihex", "srec"] {
        let file = converted(&scratch, &image, format)?;
        let (ours, peer) = pairs(
            WARM_UPS,
            TURNS,
            |_| inspect(&file),
            |_| objcopy(format, &file),
        )?;
        let case = format!("64 MiB as {format}, objcopy");
        rows.push(row(case, ours, peer, Goal::AtMost(1.0 / 5.0), "s"));
        let small = converted(&scratch, &small, format)?;
        rows.push(memory(&product, format, &small, &file)?);
    }
    let ours = time(|| inspect(&hex))?.as_secs_f64();
    let python = repository::venv_program("python");
    let intelhex = time(|| quietly(Run::new(python).args(["-c", INTELHEX]).arg(&hex)))?;
    let case = "64 MiB as ihex, intelhex".to_owned();
    rows.push(row(
        case,
        ours,
        intelhex.as_secs_f64(),
        Goal::AtMost(1.0 / 50.0),
        "s",
    ));

    let blocks = uf2(&scratch, &image)?;
    let (ours, peer) = pairs(
        WARM_UPS,
        TURNS,
        |_| inspect(&blocks),
        |_| objcopy("ihex", &hex),
    )?;
    let case = "64 MiB as UF2, objcopy of the same as ihex".to_owned();
    rows.push(row(case, ours, peer, Goal::AtMost(1.0 / 5.0), "s"));
    let small = uf2(&scratch, &small)?;
    rows.push(memory(&product, "UF2", &small, &blocks)?);

    let archive = scratch.path("image.zip");
    let python = repository::venv_program("python");
    let pack = Run::new(python).args(["-m", "zipfile", "-c"]);
    quietly(pack.arg(&archive).arg(&image))?;
    let unzip = |_| quietly(Run::new("unzip").arg("-tq").arg(&archive));
    let (ours, peer) = pairs(WARM_UPS, TURNS, |_| inspect(&archive), unzip)?;
    let case = "zip with 64 MiB, unzip -t".to_owned();
    rows.push(row(case, ours, peer, Goal::AtMost(1.3), "s"));
    Ok(rows)
}

fn row(case: String, ours: f64, peer: f64, goal: Goal, unit: &'static str) -> Row {
    Row {
        bench: "formats",
        case,
        ours,
        peer,
        ratio: ours / peer,
        goal,
        unit,
    }
}

/// How much more memory the large file takes than the small one.
fn memory(product: &Product, format: &str, small: &Path, large: &Path) -> Result<Row, Failure> {
    let peak = |file: &Path| {
        let inspect = product.cli().arg("inspect").arg(file).arg("--json");
        peak::of(inspect).map(|peak| peak.mib)
    };
    let more = (peak(large)? - peak(small)?).max(0.0);
    let case = format!("memory of 64 MiB as {format} less that of 8 MiB");
    Ok(row(case, more, DIFFERENCE_MIB, Goal::AtMost(1.0), "MiB"))
}

/// A file of code.
fn firmware(scratch: &Scratch, name: &str, bytes: u64) -> Result<PathBuf, Failure> {
    let path = scratch.path(&format!("{name}.bin"));
    let code = fs::read(release("firmdrop-cli")).doing("read the release program")?;
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(&path)?);
        let mut left = bytes;
        while left > 0 {
            let count = usize::try_from(left).unwrap_or(usize::MAX).min(code.len());
            file.write_all(&code[..count])?;
            left -= count as u64;
        }
        file.flush()
    };
    write().doing(format_args!("write {}", path.display()))?;
    Ok(path)
}

/// The same bytes as `objcopy` writes them.
fn converted(scratch: &Scratch, image: &Path, format: &str) -> Result<PathBuf, Failure> {
    let name = image.with_extension(format);
    let path = scratch.path(&name.file_name().unwrap_or_default().to_string_lossy());
    if !path.exists() {
        let convert = Run::new("objcopy").args(["-I", "binary", "-O", format]);
        quietly(convert.arg(image).arg(&path))?;
    }
    Ok(path)
}

/// The same bytes as UF2 for an RP2040, 256 in a block (Microsoft's UF2 specification).
fn uf2(scratch: &Scratch, image: &Path) -> Result<PathBuf, Failure> {
    let name = image.with_extension("uf2");
    let path = scratch.path(&name.file_name().unwrap_or_default().to_string_lossy());
    let write = || -> std::io::Result<()> {
        let length = fs::metadata(image)?.len();
        let blocks = u32::try_from(length / 256).unwrap_or(u32::MAX);
        let mut from = File::open(image)?;
        let mut to = BufWriter::new(File::create(&path)?);
        for number in 0..blocks {
            let mut block = [0_u8; 512];
            let address = 0x1000_0000 + number * 256;
            let header = [
                0x0A32_4655,
                0x9E5D_5157,
                0x2000,
                address,
                256,
                number,
                blocks,
                0xE48B_FF56,
            ];
            for (slot, word) in block.chunks_mut(4).zip(header) {
                slot.copy_from_slice(&word.to_le_bytes());
            }
            from.read_exact(&mut block[32..288])?;
            block[508..].copy_from_slice(&0x0AB1_6F30_u32.to_le_bytes());
            to.write_all(&block)?;
        }
        to.flush()
    };
    write().doing(format_args!("write {}", path.display()))?;
    Ok(path)
}
