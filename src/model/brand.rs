//! How the operator's product looks beside its name: a logo and a colour.
//!
//! A colour is checked before the server starts: links and buttons in it must be readable (WCAG 2.2, 1.4.3) on every light surface
//! of ours. The tones of the dark theme are made from it, as light as they must be.

use std::sync::Arc;

/// The operator's logo and colour; without them Grantor's own.
#[derive(Debug, Clone, Default)]
pub struct Brand {
    /// PNG, JPEG, WebP or GIF, re-encoded and served from our own origin.
    pub logo: Option<Arc<Logo>>,
    /// The accent colour of buttons and links.
    pub accent: Option<Accent>,
}

/// A logo that was decoded and encoded again, so that nothing but pixels is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// PNG.
    pub png: Vec<u8>,
    /// SHA-256 of it in hex; part of its address.
    pub digest: String,
}

/// An accent colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    /// Red, green, blue.
    pub rgb: [u8; 3],
}

/// Why a text is no accent colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AccentFault {
    /// Not `#rrggbb`.
    NotAColour,
    /// Text in it cannot be read on our light surfaces.
    TooPale {
        /// Its contrast on the worst of them.
        contrast: f64,
        /// The same colour, as much darker as it must be.
        darker: Accent,
    },
}

/// A colour in the light and in the dark theme.
pub type Pair = (Accent, Accent);

/// Every tone that stylesheets make of an accent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tones {
    /// Links, buttons, focus rings.
    pub accent: Pair,
    /// The same when pointed at.
    pub strong: Pair,
    /// The ground of what is chosen.
    pub soft: Pair,
    /// Text on a button.
    pub on: Pair,
}

/// The contrast that text needs (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;
/// The darkest light surface of static/app.css, `--sunken`.
const LIGHT_SURFACE: Accent = Accent { rgb: [0xeb, 0xf1, 0xf3] };
/// The lightest dark surface of static/app.css, `--sunken`.
const DARK_SURFACE: Accent = Accent { rgb: [0x1d, 0x25, 0x2a] };
const WHITE: Accent = Accent { rgb: [0xff; 3] };
const BLACK: Accent = Accent { rgb: [0; 3] };
/// Text on a button of the dark theme.
const NIGHT: Accent = Accent { rgb: [0x0d, 0x14, 0x18] };

impl Accent {
    /// Reads `#rrggbb` and refuses what could not be read on our pages.
    pub fn parse(text: &str) -> Result<Self, AccentFault> {
        let accent = Self::read(text).ok_or(AccentFault::NotAColour)?;
        let contrast = accent.worst_contrast();
        if contrast >= READABLE {
            return Ok(accent);
        }
        let darker =
            (1..=100).map(|step| accent.towards(BLACK, f64::from(step) / 100.0)).find(|darker| darker.worst_contrast() >= READABLE);
        Err(AccentFault::TooPale { contrast, darker: darker.unwrap_or(BLACK) })
    }

    fn read(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some(Self { rgb: [channel(0)?, channel(2)?, channel(4)?] })
    }

    /// `0b5cad`.
    pub fn hex(self) -> String {
        let [red, green, blue] = self.rgb;
        format!("{red:02x}{green:02x}{blue:02x}")
    }

    /// Every tone made of it.
    pub fn tones(self) -> Tones {
        let night = self.at_night();
        Tones {
            accent: (self, night),
            strong: (self.towards(BLACK, 0.2), night.towards(WHITE, 0.35)),
            soft: (self.soft(), DARK_SURFACE.towards(night, 0.1)),
            on: (WHITE, NIGHT),
        }
    }

    /// Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// On the light surface where it is read worst.
    fn worst_contrast(self) -> f64 {
        self.contrast(LIGHT_SURFACE).min(self.contrast(self.soft()))
    }

    fn soft(self) -> Self {
        WHITE.towards(self, 0.07)
    }

    /// The tone of the dark theme: light enough to be read well on dark surfaces.
    fn at_night(self) -> Self {
        let lighter = (0..=100).map(|step| self.towards(WHITE, f64::from(step) / 100.0));
        lighter.into_iter().find(|tone| tone.contrast(DARK_SURFACE) >= 7.0).unwrap_or(WHITE)
    }

    /// A colour on the way to `other`; `share` from 0 to 1.
    fn towards(self, other: Self, share: f64) -> Self {
        let mut rgb = self.rgb;
        for (own, theirs) in rgb.iter_mut().zip(other.rgb) {
            let mixed = f64::from(*own) + (f64::from(theirs) - f64::from(*own)) * share;
            *own = to_channel(mixed);
        }
        Self { rgb }
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.rgb.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mix of two channels is between them, so within 0 to 255")]
fn to_channel(mixed: f64) -> u8 {
    mixed.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests;
