//! Files as attackers send them: names that are no names, and small files that unfold to large ones, at every door that takes a file.

use std::io::{Cursor, Write as _};

use axum::body::Body;
use axum::http::{Method, Request};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::{DynamicImage, ImageFormat};

use crate::apps::settings::admin_and_app;
use crate::apps::settings::logo::{csrf, png};
use crate::apps::{ALL, APPS, manager};
use crate::hostile::assert_harmless;
use crate::kit::browser::Browser;
use crate::kit::http::{Answer, send};
use crate::kit::keys::TestKey;
use crate::kit::world::{ISSUER, World};

/// What stands in `filename=` of a part, as programs write it; without quotes around it where there is none at all.
fn names() -> Vec<String> {
    let long = "a".repeat(4_096);
    let quoted = [
        "\\\"><img onerror=1>.png",
        "%22><img onerror=1>.png",
        "../../x.png",
        "..\\\\..\\\\x.png",
        "/etc/passwd",
        "a%0d%0aSet-Cookie: a=b.png",
        "\u{202e}gnp.exe",
        "CON",
        "",
        ".htaccess",
        long.as_str(),
    ];
    let mut names: Vec<String> = quoted.iter().map(|name| format!("; filename=\"{name}\"")).collect();
    names.push(String::new());
    // What breaks the head of its part.
    names.push("; filename=\"\"><img onerror=1>.png\"".to_owned());
    names.push("; filename=\"a\r\nX-Injected: 1\r\n\r\n.png\"".to_owned());
    names.push("; filename=\"a\0b.png\"".to_owned());
    names.push("; filename*=UTF-8''%E2%80%AEgnp.exe; filename=\"b.png\"".to_owned());
    names
}

/// Posts a form with a file in the field `field`.
async fn post(browser: &mut Browser, path: &str, token: &str, (field, name, file): (&str, &str, &[u8])) -> Answer {
    let mut body = format!(
        "--limit\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--limit\r\nContent-Disposition: form-data; \
         name=\"{field}\"{name}\r\nContent-Type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--limit--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=limit"), ("origin", ISSUER), ("sec-fetch-site", "same-origin")];
    browser.send_bytes(Method::POST, path, &headers, body).await
}

#[track_caller]
fn assert_forgets(answer: &Answer, name: &str) {
    assert!(answer.status.as_u16() < 500, "{name:?}: {} {}", answer.status, answer.body);
    assert!(answer.headers.get("x-injected").is_none() && !answer.body.contains("onerror"), "{name:?}: {}", answer.body);
    if answer.header("content-type").starts_with("text/html") {
        assert_harmless(name, &answer.body, answer.header("content-security-policy"));
    }
}

#[tokio::test]
async fn e10_a_files_name_is_neither_believed_nor_kept() {
    let (world, mut browser, app, settings) = admin_and_app().await;
    let (path, keys) = (format!("/orgs/acme/apps/{}/logo", app.client_id), settings.replace("settings", "credentials/keys/new"));
    let csrf_token = csrf(&browser.open(&settings).await);
    let mut taken = 0;
    for name in names() {
        let answer = post(&mut browser, &path, &csrf_token, ("logo", &name, &png())).await;
        assert_forgets(&answer, &name);
        taken += u32::from(answer.status == 303);
        let key = TestKey::generate();
        let answer = post(&mut browser, &keys, &csrf_token, ("file", &name, key.pem.as_bytes())).await;
        assert_forgets(&answer, &name);
        for id in world.words("SELECT id::text FROM credentials WHERE kind = 'key'").await {
            assert_eq!(world.refused_sql(&format!("DELETE FROM credentials WHERE id = '{id}'")).await, None);
        }
        world.deps.clients.forget_all();
    }
    assert!(taken >= 11, "a name is no reason to refuse a good picture: {taken}");
    let kept = "SELECT e::text FROM audit_events e UNION ALL SELECT c::text FROM clients c UNION ALL SELECT c::text FROM credentials c";
    let kept = world.words(kept).await.join("\n");
    for part in ["onerror", "passwd", "gnp", "aaaaaaaa", "htaccess"] {
        assert!(!kept.contains(part), "{part}: {kept}");
    }
}

/// The checksum of a PNG chunk.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// A small PNG that says it is as large as `side` by `side`.
fn boasting(side: u32) -> Vec<u8> {
    let mut file = png();
    file[16..20].copy_from_slice(&side.to_be_bytes());
    file[20..24].copy_from_slice(&side.to_be_bytes());
    let sum = crc32(&file[12..29]);
    file[29..33].copy_from_slice(&sum.to_be_bytes());
    file
}

/// A PNG with a chunk behind its header of which `size` zeros unfold.
fn stuffed(kind: [u8; 4], size: usize) -> Vec<u8> {
    let mut squeezed = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..size >> 20 {
        squeezed.write_all(&zeros).expect("memory");
    }
    let mut chunk = kind.to_vec();
    chunk.extend_from_slice(b"name\0\0");
    chunk.extend(squeezed.finish().expect("memory"));
    let mut file = png();
    let rest = file.split_off(33);
    file.extend(u32::try_from(chunk.len() - 4).expect("small").to_be_bytes());
    file.extend_from_slice(&chunk);
    file.extend(crc32(&chunk).to_be_bytes());
    file.extend(rest);
    file
}

/// As many pixels as may be, in a file as small as can be.
fn largest() -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::new_rgba8(2_048, 2_048).write_to(&mut file, ImageFormat::Png).expect("a picture");
    file.into_inner()
}

async fn put(world: &World, path: &str, token: &str, file: &[u8]) -> Answer {
    let request = Request::put(path).header("authorization", format!("Bearer {token}")).header("content-type", "image/png");
    send(&world.router, request.body(Body::from(file.to_vec())).expect("a request")).await
}

#[tokio::test]
async fn e10_what_unfolds_to_more_than_it_says_is_refused_or_drawn_small_at_both_doors() {
    let (world, mut browser, app, settings) = admin_and_app().await;
    let (page, call) = (format!("/orgs/acme/apps/{}/logo", app.client_id), format!("{APPS}/{}/logo", app.client_id));
    let token = csrf(&browser.open(&settings).await);
    let bearer = world.machine_token(&manager(&world).await, ALL).await;
    let files = [
        ("a header of 50 000 by 50 000", boasting(50_000), false),
        ("a header of 2 049 by 2 049", boasting(2_049), false),
        ("a header larger than its pixels", boasting(2_048), false),
        ("the largest picture", largest(), true),
        ("64 MiB of text", stuffed(*b"zTXt", 64 << 20), true),
        ("64 MiB of colour profile", stuffed(*b"iCCP", 64 << 20), true),
    ];
    for (what, file, may_be_taken) in files {
        assert!(file.len() < 200_000, "{what} is small: {}", file.len());
        let answer = post(&mut browser, &page, &token, ("logo", "; filename=\"x.png\"", &file)).await;
        let by_api = put(&world, &call, &bearer, &file).await;
        let statuses = (answer.status.as_u16(), by_api.status.as_u16());
        assert!(statuses == (422, 422) || (may_be_taken && statuses == (303, 200)), "{what}: {statuses:?} {}", by_api.body);
        let kept = world.count("SELECT coalesce(max(octet_length(png)), 0)::bigint FROM client_logos").await;
        assert!(kept < 20_000, "{what}: {kept} bytes are kept");
    }
}
