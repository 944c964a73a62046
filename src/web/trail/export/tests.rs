//! Cells that a spreadsheet does not run.

use crate::web::trail::export::cell;

#[test]
fn no_cell_is_a_formula_whatever_people_called_themselves() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "\r=1", "\n@x"] {
        let cell = cell(text);
        let inside = cell.trim_start_matches('"');
        assert!(inside.starts_with('\''), "{text:?} became {cell:?}");
    }
}

#[test]
fn commas_quotes_and_lines_stay_in_their_cell() {
    assert_eq!(cell("plain"), "plain");
    assert_eq!(cell("a,b"), "\"a,b\"");
    assert_eq!(cell("say \"hi\"\nthere"), "\"say \"\"hi\"\"\nthere\"");
}
