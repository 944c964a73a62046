// Grantor's progressive enhancement. Every page works without it; nothing here decides anything.

const live = document.getElementById("live");
const say = (text) => { if (live) live.textContent = text; };

/** Copies text; falls back to selecting the field when the clipboard is closed to us. */
async function copy(text, field) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (!field) return false;
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = button.dataset.copy ? document.getElementById(button.dataset.copy) : null;
  const source = field ?? (button.closest(".code") ?? button.parentElement).querySelector("[data-copy-source]");
  const icon = button.querySelector("use");
  const word = button.querySelector("span");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const done = await copy(field ? field.value : source.textContent, field);
    say(done ? "Copied" : "Could not copy. Select the text and copy it yourself.");
    if (!done) return;
    button.setAttribute("data-done", "");
    icon?.setAttribute("href", "#i-check");
    if (word) { word.dataset.word ??= word.textContent; word.textContent = "Copied"; }
    setTimeout(() => {
      button.removeAttribute("data-done");
      icon?.setAttribute("href", "#i-copy");
      if (word) word.textContent = word.dataset.word;
    }, 2000);
  });
}

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
  });
  field.form?.addEventListener("submit", () => { field.type = "password"; });
}

// A key pair made here: the private half stays in this page's memory until it is saved, and is never sent.
for (const section of document.querySelectorAll("[data-generate]")) {
  const form = document.querySelector("[data-key-form]");
  if (!form || !globalThis.crypto?.subtle) continue;
  const part = (name) => section.querySelector(`[data-generate-${name}]`);
  const [start, failed, done, download] = ["start", "failed", "done", "download"].map(part);
  const add = form.querySelector("[type=submit]");
  const kinds = {
    ES256: { name: "ECDSA", namedCurve: "P-256" },
    RS256: { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
  };
  const pem = async (format, key, label) => {
    const bytes = new Uint8Array(await crypto.subtle.exportKey(format, key));
    const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    return `-----BEGIN ${label}-----\n${text.match(/.{1,64}/g).join("\n")}\n-----END ${label}-----\n`;
  };
  let unsaved;
  section.hidden = false;
  start.addEventListener("click", async () => {
    start.disabled = true;
    failed.hidden = true;
    try {
      const kind = section.querySelector("[name=pair]:checked").value;
      const pair = await crypto.subtle.generateKey(kinds[kind], true, ["sign", "verify"]);
      unsaved = await pem("pkcs8", pair.privateKey, "PRIVATE KEY");
      form.elements.key.value = await pem("spki", pair.publicKey, "PUBLIC KEY");
      form.elements.file.value = "";
      for (const field of ["key", "file"]) form.elements[field][field === "key" ? "readOnly" : "disabled"] = true;
      const privatePem = unsaved;
      download.onclick = () => {
        const address = URL.createObjectURL(new Blob([privatePem], { type: "application/x-pem-file" }));
        Object.assign(document.createElement("a"), { href: address, download: `${section.dataset.generate}-${kind}-private-key.pem` }).click();
        URL.revokeObjectURL(address);
        unsaved = undefined;
        add.disabled = false;
        say("The private key was saved. Add the public key now.");
      };
      add.disabled = true;
      done.hidden = false;
      start.querySelector("span").textContent = "Make another pair";
      download.focus();
      say("The key pair is ready. Save the private key.");
    } catch {
      failed.hidden = false;
    }
    start.disabled = false;
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
}

// Relative times stay true while a page stays open. The words are those of the server.
const dayOf = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const amount = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
function relative(at) {
  const distance = (Date.now() - at) / 1000;
  const seconds = Math.floor(Math.abs(distance));
  if (seconds < 45) return distance >= 0 ? "just now" : "in a moment";
  if (seconds >= 5184000) return dayOf.format(at);
  const words = seconds < 3570 ? amount(Math.max(1, Math.ceil(seconds / 60)), "minute")
    : seconds < 84600 ? amount(Math.floor((seconds + 1800) / 3600), "hour")
    : amount(Math.floor((seconds + 43200) / 86400), "day");
  return distance >= 0 ? `${words} ago` : `in ${words}`;
}
const times = () => document.querySelectorAll("time[data-relative]");
const titles = () => {
  for (const time of times()) time.title = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "long", timeStyle: "long" });
};
titles();
setInterval(() => { for (const time of times()) time.textContent = relative(new Date(time.dateTime)); }, 30000);

// Unsaved changes ask before they are lost.
for (const form of document.querySelectorAll("form[data-unsaved]")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

// A second click while the first is on its way is the same click. The server knows that too.
for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => { sent = false; });
}

// Consent is never given by a click that was meant for the page before: the buttons rest for half a second.
for (const form of document.querySelectorAll("form[data-settle]")) {
  let timer;
  const hold = () => {
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
    }, 500);
  };
  form.addEventListener("submit", (event) => { if (timer) event.preventDefault(); });
  window.addEventListener("pageshow", hold);
  window.addEventListener("focus", hold);
  hold();
}

// Menus close on Escape and on a click elsewhere; questions on Escape only.
const menus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const one of document.querySelectorAll("details:is(.menu, .confirm)[open]")) {
    one.open = false;
    one.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

// Rows of addresses come and go in place; what is pasted as several lines becomes several rows.
for (const rows of document.querySelectorAll("[data-rows]")) {
  const all = () => [...rows.querySelectorAll("[data-row]")];
  const number = () => all().forEach((row, index) => {
    const id = `redirect_uri_${index + 1}`;
    const [label, field, button] = ["label", "input", "button"].map((name) => row.querySelector(name));
    field.id = id;
    label.htmlFor = id;
    label.textContent = `Redirect URI ${index + 1}`;
    button.value = `remove-uri-${index + 1}`;
    button.setAttribute("aria-label", `Remove redirect URI ${index + 1}`);
  });
  const calm = (row) => {
    row.classList.remove("wrong");
    row.querySelector(".mistake")?.remove();
    for (const name of ["aria-invalid", "aria-describedby", "autofocus"]) row.querySelector("input").removeAttribute(name);
  };
  const add = (after, text) => {
    const row = after.cloneNode(true);
    calm(row);
    row.querySelector("input").value = text;
    after.after(row);
    number();
    return row;
  };
  rows.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=step]");
    if (!button) return;
    event.preventDefault();
    rows.dispatchEvent(new Event("input", { bubbles: true }));
    if (button.value === "add-uri") {
      add(all().at(-1), "").querySelector("input").focus();
      return;
    }
    const row = button.closest("[data-row]");
    const next = row.nextElementSibling?.matches("[data-row]") ? row.nextElementSibling : row.previousElementSibling;
    if (all().length === 1) {
      calm(row);
      row.querySelector("input").value = "";
      row.querySelector("input").focus();
    } else {
      row.remove();
      number();
      next.querySelector("input").focus();
    }
    say("The redirect URI is removed");
  });
  rows.addEventListener("paste", (event) => {
    const lines = event.clipboardData.getData("text").split(/\s+/).filter(Boolean);
    if (lines.length < 2 || !event.target.matches("input")) return;
    event.preventDefault();
    event.target.value = lines.shift();
    let row = event.target.closest("[data-row]");
    for (const line of lines) row = add(row, line);
    rows.dispatchEvent(new Event("input", { bubbles: true }));
    say(`${lines.length + 1} redirect URIs were pasted`);
  });
}

// What the chosen limits mean is drawn by the server, as the button does it without a script.
for (const drawing of document.querySelectorAll("[data-timeline]")) {
  const form = drawing.closest("form");
  const names = ["access_token_lifetime", "refresh_tokens", "rotation", "retry_window", "absolute_lifetime", "idle_lifetime"];
  for (const element of drawing.querySelectorAll("[data-without-script]")) element.hidden = true;
  form.addEventListener("change", async (event) => {
    if (!names.includes(event.target.name)) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("step", "preview");
    try {
      const answer = await fetch(form.action, { method: "POST", body, redirect: "error" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-timeline] .timeline");
      if (fresh) drawing.querySelector(".timeline")?.replaceWith(fresh);
      say(fresh?.querySelector("figcaption").textContent ?? "");
    } catch { /* The button is still there for the next page. */ }
  });
}

// A chosen picture is shown before it is sent.
for (const field of document.querySelectorAll("input[data-logo]")) {
  field.addEventListener("change", () => {
    const file = field.files[0];
    if (!file?.type.startsWith("image/") || file.type.includes("svg") || file.size > 1048576) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      for (const place of document.querySelectorAll("[data-logo-preview]")) {
        const old = place.firstElementChild;
        const size = ["huge", "small"].find((name) => old.classList.contains(name));
        const picture = Object.assign(document.createElement("img"), { src: reader.result, alt: "", className: `avatar ${size}` });
        old.replaceWith(picture);
        place.closest(".logo-preview").querySelector(".hint").textContent = "Your choice. It is not sent yet.";
      }
      say("The picture is shown above. It is not sent yet.");
    });
    reader.readAsDataURL(file);
  });
}

// The colours change in place: nothing that was typed is lost.
for (const form of document.querySelectorAll("[data-theme-choice]")) {
  const root = document.documentElement;
  form.addEventListener("submit", (event) => {
    const choice = event.submitter?.value;
    if (!choice) return;
    event.preventDefault();
    root.dataset.theme = choice;
    const secure = location.protocol === "https:" ? "; secure" : "";
    const age = choice === "system" ? 0 : 31536000;
    document.cookie = `theme=${choice}; path=/; max-age=${age}; samesite=lax${secure}`;
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === choice));
  });
}

// A page that waits for requests looks for news, gently, and shows them in place.
for (const region of document.querySelectorAll("[data-poll]")) {
  let wait = 2000;
  const look = async () => {
    if (document.visibilityState === "visible") {
      try {
        const answer = await fetch(region.dataset.poll + location.search, { headers: { accept: "application/json" }, redirect: "error" });
        if (!answer.ok) throw new Error(String(answer.status));
        const { newest } = await answer.json();
        if (newest && newest !== region.dataset.newest) {
          const page = await (await fetch(location.href)).text();
          const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-poll]");
          if (fresh) {
            const held = region.contains(document.activeElement) ? document.activeElement : null;
            const address = held?.getAttribute("href");
            region.replaceChildren(...fresh.childNodes);
            titles();
            if (held) {
              const same = [...region.querySelectorAll("a")].find((link) => link.getAttribute("href") === address);
              region.tabIndex = -1;
              (same ?? region).focus({ preventScroll: true });
            }
            region.dataset.newest = newest;
            say("A new request came in");
          }
          wait = 2000;
        }
      } catch { wait = 30000; /* Signed out, or the server is away: it may come back. */ }
    }
    wait = Math.min(wait * 1.1, 30000);
    setTimeout(look, wait);
  };
  setTimeout(look, wait);
}

// While a form is open, a session that is about to end says so. When it ends comes from the server with each page; whatever another
// tab was told since counts as well.
const ending = document.getElementById("session-end");
if (ending) {
  const forms = "main form[method=post]:has(input:not([type=hidden]), select, textarea)";
  const soon = 5 * 60_000;
  const told = (page) => Date.now() + 1000 * Number(page.dataset.endsIn);
  let end = told(ending);
  let bar;
  let shown;
  const share = () => { try { localStorage.setItem("session-end", String(end)); } catch { /* Then each tab counts for itself. */ } };
  const show = (what) => {
    if (what === shown) return;
    shown = what;
    bar?.remove();
    bar = undefined;
    if (!what) return;
    bar = ending.cloneNode(true);
    bar.removeAttribute("id");
    bar.hidden = false;
    for (const part of bar.querySelectorAll("[data-when]")) if (part.dataset.when !== what) part.remove();
    document.querySelector("main").append(bar);
    say(bar.querySelector("span").textContent);
    bar.querySelector("[data-stay]")?.addEventListener("click", stay);
  };
  const look = () => {
    try { end = Number(localStorage.getItem("session-end") ?? end); } catch { /* As above. */ }
    const left = end - Date.now();
    if (left <= 0) show("over");
    else if (left > soon) show();
    else if (shown !== "last") show("soon");
  };
  const stay = async () => {
    try {
      const answer = await fetch("/account", { redirect: "manual" });
      if (answer.type === "opaqueredirect") { end = 0; share(); show("over"); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      end = told(page.getElementById("session-end"));
    } catch { say("The server does not answer. Try again."); return; }
    share();
    if (end - Date.now() <= soon) { show("last"); return; }
    show();
    say("You stay signed in.");
  };
  share();
  if (document.querySelector(forms)) {
    setInterval(look, 15_000);
    document.addEventListener("visibilitychange", look);
    look();
  }
}
