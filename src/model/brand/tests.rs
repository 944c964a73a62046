//! Which colours are taken, and that every tone made of them can be read.

use crate::model::brand::{Accent, AccentFault, DARK_SURFACE, LIGHT_SURFACE};

#[test]
fn an_accent_is_six_hex_digits() {
    assert_eq!(Accent::parse("#0b5cad"), Ok(Accent { rgb: [0x0b, 0x5c, 0xad] }));
    assert_eq!(Accent::parse(" #0B5CAD ").map(Accent::hex), Ok("0b5cad".to_owned()));
    for text in ["", "blue", "0b5cad", "#0b5", "#0b5cadff", "#0b5cag", "#0b5c\u{e4}", "rgb(1,2,3)", "#0b5cad;}"] {
        assert_eq!(Accent::parse(text), Err(AccentFault::NotAColour), "{text}");
    }
}

#[test]
fn a_pale_accent_is_refused_with_a_darker_one_that_is_not() {
    for pale in ["#ffcc00", "#ffffff", "#7fb2e5", "#00c853", "#ff6f61"] {
        let Err(AccentFault::TooPale { contrast, darker }) = Accent::parse(pale) else { panic!("{pale} was accepted") };
        assert!((1.0..4.5).contains(&contrast), "{pale}: {contrast}");
        assert_eq!(Accent::parse(&format!("#{}", darker.hex())), Ok(darker), "{pale}");
    }
}

#[test]
fn every_tone_of_every_accent_is_readable_in_both_themes() {
    let mut taken = 0;
    for red in (0..=255).step_by(17) {
        for green in (0..=255).step_by(17) {
            for blue in (0..=255).step_by(17) {
                let Ok(accent) = Accent::parse(&format!("#{red:02x}{green:02x}{blue:02x}")) else { continue };
                taken += 1;
                let tones = accent.tones();
                for (front, back) in [
                    (tones.accent.0, LIGHT_SURFACE),
                    (tones.accent.0, tones.soft.0),
                    (tones.strong.0, tones.soft.0),
                    (tones.on.0, tones.accent.0),
                    (tones.on.0, tones.strong.0),
                    (tones.accent.1, DARK_SURFACE),
                    (tones.accent.1, tones.soft.1),
                    (tones.strong.1, tones.soft.1),
                    (tones.on.1, tones.accent.1),
                    (tones.on.1, tones.strong.1),
                ] {
                    assert!(
                        front.contrast(back) >= 4.5,
                        "#{}: #{} on #{}: {:.2}",
                        accent.hex(),
                        front.hex(),
                        back.hex(),
                        front.contrast(back)
                    );
                }
            }
        }
    }
    assert!(taken > 500, "{taken}");
}
