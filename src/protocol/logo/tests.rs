//! What is drawn anew, and what is refused before any pixel is decoded.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use crate::protocol::logo::{LogoFault, MAX_BYTES, redraw};

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbaImage::from_pixel(width, height, Rgba([12, 120, 130, 255]));
    let picture = match format {
        ImageFormat::Jpeg => DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(pixels).into_rgb8()),
        _ => DynamicImage::ImageRgba8(pixels),
    };
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).expect("a picture");
    file.into_inner()
}

fn sides(png: &[u8]) -> (u32, u32) {
    let picture = image::load_from_memory_with_format(png, ImageFormat::Png).expect("a PNG");
    (picture.width(), picture.height())
}

#[test]
fn each_format_becomes_a_png_of_at_most_256_by_256() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        assert_eq!(sides(&redraw(&picture(40, 20, format)).expect("a logo")), (40, 20), "{format:?}");
    }
    assert_eq!(sides(&redraw(&picture(1024, 512, ImageFormat::Png)).expect("a logo")), (256, 128));
}

#[test]
fn nothing_of_the_file_but_its_pixels_is_kept() {
    let mut file = picture(8, 8, ImageFormat::Png);
    file.extend_from_slice(b"<script>alert(1)</script>");
    let drawn = redraw(&file).expect("what follows the picture is no part of it");
    assert!(!drawn.windows(7).any(|part| part == b"<script"));
    assert_eq!(drawn, redraw(&picture(8, 8, ImageFormat::Png)).expect("the same picture"));
}

#[test]
fn what_is_no_picture_is_refused_whatever_it_is_called() {
    let cases: [(&[u8], LogoFault); 8] = [
        (b"", LogoFault::Empty),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", LogoFault::Svg),
        (b"<?xml version='1.0'?>\n<!-- a -->\n<SVG/>", LogoFault::Svg),
        (b"<!doctype html><script>alert(1)</script>", LogoFault::NotAPicture),
        (b"GIF89", LogoFault::NotAPicture),
        (b"RIFF\0\0\0\0WAVEfmt ", LogoFault::NotAPicture),
        (b"\x89PNG\r\n\x1a\n and then nonsense", LogoFault::Broken),
        (b"GIF89a", LogoFault::Broken),
    ];
    for (file, fault) in cases {
        assert_eq!(redraw(file), Err(fault), "{}", String::from_utf8_lossy(file));
    }
    assert_eq!(redraw(&vec![0; MAX_BYTES + 1]), Err(LogoFault::TooLarge));
    let whole = picture(64, 64, ImageFormat::Png);
    assert_eq!(redraw(&whole[..whole.len() / 2]), Err(LogoFault::Broken), "half a file");
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    // A PNG that says 50 000 by 50 000 and brings next to nothing: decoded it would take ten gigabytes.
    let mut file = picture(1, 1, ImageFormat::Png);
    file[16..20].copy_from_slice(&50_000_u32.to_be_bytes());
    file[20..24].copy_from_slice(&50_000_u32.to_be_bytes());
    let sum = crc32(&file[12..29]);
    file[29..33].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(redraw(&file), Err(LogoFault::TooWide));
    let mut gif = picture(1, 1, ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(redraw(&gif), Err(LogoFault::TooWide));
}

/// The checksum of a PNG chunk.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}
