//! The palette of static/app.css: text and controls are readable in both themes (WCAG 2.2, 1.4.3 and 1.4.11).

use std::collections::BTreeMap;

const STYLESHEET: &str = include_str!("../../../static/app.css");

/// Luminance of a token in the light and in the dark theme, with the accent at `hue`.
fn tokens(hue: u16) -> BTreeMap<&'static str, [f64; 2]> {
    let mut tokens = BTreeMap::new();
    for line in STYLESHEET.lines() {
        let Some((name, value)) = line.trim().strip_prefix("--").and_then(|rest| rest.split_once(": light-dark(")) else { continue };
        let found: Vec<f64> = value
            .split("oklch(")
            .skip(1)
            .filter_map(|colour| colour.split(')').next())
            .map(|colour| luminance(&colour.replace("var(--hue", &hue.to_string())))
            .collect();
        if let [light, dark] = found[..] {
            tokens.insert(name, [light, dark]);
        }
    }
    tokens
}

/// Relative luminance of the inside of `oklch(L C h)`.
#[expect(clippy::many_single_char_names, reason = "the letters of the published formula")]
fn luminance(colour: &str) -> f64 {
    let numbers: Vec<f64> = colour.split_whitespace().map(|part| part.parse().expect("a number")).collect();
    let [lightness, chroma, hue] = numbers[..] else { panic!("not L C h: {colour}") };
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let cube = |x: f64| x * x * x;
    let l = cube(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
    let m = cube(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
    let s = cube(lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b);
    let red = 4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s;
    let green = -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s;
    let blue = -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s;
    0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn colours_are_readable_on_what_they_stand_on() {
    let text = 4.5;
    let control = 3.0;
    let pairs = [
        ("ink", &["page", "surface", "sunken", "accent-soft", "good-soft", "warning-soft", "danger-soft"][..], text),
        ("muted", &["page", "surface", "sunken", "accent-soft", "warning-soft", "danger-soft"], text),
        ("accent", &["page", "surface", "sunken", "accent-soft"], text),
        ("accent-strong", &["page", "surface", "accent-soft"], text),
        ("good", &["page", "surface", "good-soft"], text),
        ("warning", &["page", "surface", "warning-soft"], text),
        ("danger", &["page", "surface", "danger-soft"], text),
        ("on-accent", &["accent", "accent-strong"], text),
        ("on-danger", &["danger"], text),
        ("line-strong", &["page", "surface"], control),
        // The focus ring is the accent.
        ("accent", &["page", "surface", "sunken", "accent-soft", "warning-soft", "danger-soft"], control),
    ];
    // The operator chooses the accent's hue: whichever it is, the page stays readable.
    for hue in (0..360).step_by(5) {
        let tokens = tokens(hue);
        for (front, backs, least) in pairs {
            for back in backs {
                for theme in [0, 1] {
                    let found = contrast(tokens[front][theme], tokens[back][theme]);
                    assert!(found >= least, "{front} on {back}, theme {theme}, hue {hue}: {found:.2} < {least}");
                }
            }
        }
    }
}
