//! What holds for every page: structure, forms, labels, and nothing that the content security policy would refuse.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Selector};

use crate::views::pages;

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("a good selector");
    page.select(&selector).collect()
}

fn each(check: impl Fn(&str, &Html)) {
    for (name, html) in pages() {
        check(name, &Html::parse_document(&html));
    }
}

#[test]
fn every_page_has_one_heading_a_title_a_language_and_a_way_past_the_menu() {
    each(|name, page| {
        assert_eq!(all(page, "h1").len(), 1, "{name}: one h1");
        assert!(!all(page, "title")[0].text().collect::<String>().starts_with(" ·"), "{name}: a title");
        assert_eq!(all(page, "html[lang=en]").len(), 1, "{name}: a language");
        assert_eq!(all(page, "a.skip[href='#main']").len(), 1, "{name}: a skip link");
        assert_eq!(all(page, "main#main").len(), 1, "{name}: a main landmark");
    });
}

#[test]
fn m8_every_form_that_changes_something_posts_a_csrf_token() {
    each(|name, page| {
        for form in all(page, "form") {
            let token = Selector::parse("input[type=hidden][name=csrf][value='sample-csrf']").expect("a good selector");
            match form.attr("method") {
                Some("post") => assert_eq!(form.select(&token).count(), 1, "{name}: {}", form.html()),
                Some("get") => assert_eq!(form.select(&token).count(), 0, "{name}: {}", form.html()),
                other => panic!("{name}: a form has the method {other:?}"),
            }
        }
    });
}

#[test]
fn no_page_needs_inline_script_or_style_or_anything_from_elsewhere() {
    each(|name, page| {
        for element in all(page, "*") {
            for (attribute, value) in element.value().attrs() {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name}: {attribute}={value}");
            }
        }
        assert!(all(page, "style").is_empty(), "{name}: no style element");
        for script in all(page, "script") {
            assert!(script.attr("src").is_some_and(|src| src.starts_with("/static/")), "{name}: {}", script.html());
            assert!(script.inner_html().is_empty(), "{name}: {}", script.html());
        }
        for resource in all(page, "link[href], img[src]") {
            let address = resource.attr("href").or(resource.attr("src")).unwrap_or_default();
            assert!(["/static/", "/logos/", "/brand/"].iter().any(|own| address.starts_with(own)), "{name}: {address}");
        }
        for link in all(page, "a[href^='http'], a[target]") {
            assert!(link.attr("rel").unwrap_or_default().contains("noopener"), "{name}: {}", link.html());
        }
    });
}

#[test]
fn every_field_has_a_label_and_every_button_a_name() {
    each(|name, page| {
        for field in all(page, "input:not([type=hidden]):not([aria-hidden]), select, textarea") {
            let id = field.attr("id").unwrap_or_default();
            assert_eq!(all(page, &format!("label[for='{id}']")).len(), 1, "{name}: {}", field.html());
        }
        for button in all(page, "button, a, summary") {
            let words: String = button.text().collect();
            assert!(!words.trim().is_empty() || button.attr("aria-label").is_some(), "{name}: {}", button.html());
        }
    });
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    each(|name, page| {
        let mut ids = BTreeSet::new();
        for element in all(page, "[id]") {
            let id = element.attr("id").unwrap_or_default();
            assert!(ids.insert(id.to_owned()), "{name}: {id} twice");
        }
        for element in all(page, "[aria-describedby], [aria-labelledby]") {
            let list = [element.attr("aria-describedby"), element.attr("aria-labelledby")];
            for id in list.into_iter().flatten().flat_map(str::split_whitespace) {
                assert!(ids.contains(id), "{name}: nothing has the id {id}");
            }
        }
        for reference in all(page, "main a[href^='#'], use[href]") {
            let id = reference.attr("href").unwrap_or_default().trim_start_matches('#');
            assert!(ids.contains(id), "{name}: nothing has the id {id}");
        }
    });
}

#[test]
fn a_refused_form_says_so_in_the_title_above_the_form_and_at_the_field() {
    for (name, html) in pages().into_iter().filter(|(name, _)| name.ends_with("_refused") || name.ends_with("wrong_name")) {
        let page = Html::parse_document(&html);
        assert!(all(&page, "title")[0].text().collect::<String>().starts_with("Error: "), "{name}");
        assert!(!all(&page, "[role=alert]").is_empty(), "{name}: an alert");
        for link in all(&page, ".summary a") {
            let field = link.attr("href").unwrap_or_default().trim_start_matches('#').to_owned();
            let words: String = link.text().collect();
            let beside: String = all(&page, &format!("#{field}-error"))[0].text().collect();
            assert!(beside.contains(&words), "{name}: {beside}");
            assert_eq!(all(&page, &format!("#{field}[aria-invalid=true]")).len(), 1, "{name}: {field}");
        }
    }
}
