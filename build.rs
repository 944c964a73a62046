//! Compresses the static files once, when the program is built, and lists them for `web/assets.rs` to embed.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=static");
    #[expect(clippy::disallowed_methods, reason = "so Cargo tells a build script where to write")]
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("Cargo names no OUT_DIR"))?;
    let mut list = String::new();
    for entry in fs::read_dir("static")? {
        let file = entry?.path().canonicalize()?;
        let (name, bytes) = (file.file_name().unwrap_or_default().to_string_lossy().into_owned(), fs::read(&file)?);
        let embedded = |ending: &str, packed: Vec<u8>| -> io::Result<String> {
            let path = Path::new(&out).join(format!("{name}.{ending}"));
            fs::write(&path, &packed)?;
            let path = path.to_string_lossy();
            // Only what is smaller travels compressed.
            Ok(if packed.len() < bytes.len() { format!("Some(include_bytes!({path:?}))") } else { "None".to_owned() })
        };
        let plain = file.to_string_lossy();
        let (brotli, gzip) = (embedded("br", brotli(&bytes)?)?, embedded("gz", gzip(&bytes)?)?);
        let _ = writeln!(list, "    File {{ name: {name:?}, bytes: include_bytes!({plain:?}), brotli: {brotli}, gzip: {gzip} }},");
    }
    fs::write(Path::new(&out).join("static_files.rs"), format!("&[\n{list}]\n"))
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    brotli::CompressorWriter::new(&mut packed, 4_096, 11, 22).write_all(bytes)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
