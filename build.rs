//! Compresses the static files once, when the program is built: `app.css` is embedded beside `app.css.br` and `app.css.gz`.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=static");
    #[expect(clippy::disallowed_methods, reason = "so Cargo tells a build script where to write")]
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("Cargo names no OUT_DIR"))?;
    let folder = Path::new(&out).join("static");
    // Files that are no more would be served on.
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir(&folder)?,
    }
    for entry in fs::read_dir("static")? {
        let entry = entry?;
        let (name, bytes) = (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
        // Only what is smaller travels compressed.
        for (ending, packed) in [("br", brotli(&bytes)?), ("gz", gzip(&bytes)?)] {
            if packed.len() < bytes.len() {
                fs::write(folder.join(format!("{name}.{ending}")), packed)?;
            }
        }
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
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
