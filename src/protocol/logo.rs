//! What a logo may be: a picture that we decode, shrink and draw anew, so that nothing of the file that was sent is ever served.
//!
//! In order: something there; at most 1 MiB; one of four formats by its first bytes, whatever the name says (SVG and HTML are
//! documents that can run scripts, not pictures); not larger than 2048 pixels either way, asked before decoding (a small file can
//! unfold to gigabytes); readable to its end.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The longest side of what is sent, in pixels.
pub const MAX_SIDE_SENT: u32 = 2048;
/// The longest side of what is kept, in pixels.
pub const MAX_SIDE_KEPT: u32 = 256;
/// What decoding may take, in bytes: the largest picture allowed, twice.
const MAX_MEMORY: u64 = 2 * 4 * (MAX_SIDE_SENT as u64) * (MAX_SIDE_SENT as u64);

/// Why a file cannot be a logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoFault {
    /// Nothing there.
    Empty,
    /// More than [`MAX_BYTES`].
    TooLarge,
    /// An SVG document.
    Svg,
    /// Another thing that is no PNG, JPEG, WebP or GIF.
    NotAPicture,
    /// A side longer than [`MAX_SIDE_SENT`].
    TooWide,
    /// It begins like a picture and cannot be decoded.
    Broken,
}

impl LogoFault {
    /// A word for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooLarge => "too_large",
            Self::Svg => "svg",
            Self::NotAPicture => "not_a_picture",
            Self::TooWide => "too_many_pixels",
            Self::Broken => "broken",
        }
    }

    /// A sentence for people.
    pub fn message(self) -> String {
        match self {
            Self::Empty => "Choose a file.".to_owned(),
            Self::TooLarge => "A logo has at most 1 MiB. Save it smaller; 256 by 256 pixels are enough.".to_owned(),
            Self::Svg => "SVG files can hold scripts and are not accepted. Export the logo as PNG.".to_owned(),
            Self::NotAPicture => "This is not a PNG, JPEG, WebP or GIF, whatever its name says. Export the logo as PNG.".to_owned(),
            Self::TooWide => format!("A logo has at most {MAX_SIDE_SENT} by {MAX_SIDE_SENT} pixels. 256 by 256 are enough."),
            Self::Broken => "This picture cannot be read to its end. Export it again and upload the new file.".to_owned(),
        }
    }
}

/// The picture as PNG, at most 256 by 256, with nothing of the original but its pixels.
pub fn redraw(file: &[u8]) -> Result<Vec<u8>, LogoFault> {
    if file.is_empty() {
        return Err(LogoFault::Empty);
    }
    if file.len() > MAX_BYTES {
        return Err(LogoFault::TooLarge);
    }
    let format = format_of(file).ok_or(if is_svg(file) { LogoFault::Svg } else { LogoFault::NotAPicture })?;
    let picture = decode(file, format)?;
    let fits = picture.width() <= MAX_SIDE_KEPT && picture.height() <= MAX_SIDE_KEPT;
    let picture = if fits { picture } else { picture.thumbnail(MAX_SIDE_KEPT, MAX_SIDE_KEPT) };
    let mut png = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(picture.into_rgba8()).write_to(&mut png, ImageFormat::Png).map_err(|_| LogoFault::Broken)?;
    Ok(png.into_inner())
}

/// The format by its first bytes.
fn format_of(file: &[u8]) -> Option<ImageFormat> {
    match file {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ImageFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(ImageFormat::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        _ => None,
    }
}

fn is_svg(file: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&file[..file.len().min(1024)]).to_ascii_lowercase();
    head.contains("<svg")
}

fn decode(file: &[u8], format: ImageFormat) -> Result<DynamicImage, LogoFault> {
    let sides = ImageReader::with_format(Cursor::new(file), format).into_dimensions().map_err(|_| LogoFault::Broken)?;
    if sides.0 > MAX_SIDE_SENT || sides.1 > MAX_SIDE_SENT {
        return Err(LogoFault::TooWide);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE_SENT);
    limits.max_image_height = Some(MAX_SIDE_SENT);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|_| LogoFault::Broken)?;
    decoder.set_limits(limits).map_err(|_| LogoFault::Broken)?;
    // Cameras note how they were held; without this a photograph would lie on its side.
    let orientation = decoder.orientation().map_err(|_| LogoFault::Broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| LogoFault::Broken)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

#[cfg(test)]
mod tests;
