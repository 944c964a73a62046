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
    if (word) word.textContent = "Copied";
    setTimeout(() => {
      button.removeAttribute("data-done");
      icon?.setAttribute("href", "#i-copy");
      if (word) word.textContent = "Copy";
    }, 2000);
  });
}

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.setAttribute("aria-label", "Show password");
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? "Hide" : "Show";
  });
  field.form?.addEventListener("submit", () => { field.type = "password"; });
}

for (const button of document.querySelectorAll("[data-download-env]")) {
  const source = document.querySelector("[data-env]");
  const value = (id) => document.getElementById(id)?.value;
  button.hidden = false;
  button.addEventListener("click", () => {
    const lines = [`OAUTH_ISSUER=${value("issuer")}`, `OAUTH_CLIENT_ID=${value("client_id")}`];
    if (value("client_secret")) lines.push(`OAUTH_CLIENT_SECRET=${value("client_secret")}`);
    const address = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/plain" }));
    const link = Object.assign(document.createElement("a"), { href: address, download: `${source.dataset.envName}.env` });
    link.click();
    URL.revokeObjectURL(address);
    say("The file was downloaded");
  });
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
const times = document.querySelectorAll("time[data-relative]");
for (const time of times) time.title = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "long", timeStyle: "long" });
if (times.length) setInterval(() => { for (const time of times) time.textContent = relative(new Date(time.dateTime)); }, 30000);

// A native dialog in place of a leap: without a script the form is sent at once.
for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sure || window.confirm(form.dataset.confirm)) return;
    event.preventDefault();
  });
}

// Unsaved changes ask before they are lost.
for (const form of document.querySelectorAll("form[data-unsaved]")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
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

// Menus close on Escape and on a click elsewhere.
const menus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

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
        if (!answer.ok) return;
        const { newest } = await answer.json();
        if (newest && newest !== region.dataset.newest) {
          const page = await (await fetch(location.href)).text();
          const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-poll]");
          if (fresh) {
            region.replaceChildren(...fresh.childNodes);
            region.dataset.newest = newest;
            say("A new request came in");
          }
          wait = 2000;
        }
      } catch { wait = 30000; }
    }
    wait = Math.min(wait * 1.1, 30000);
    setTimeout(look, wait);
  };
  setTimeout(look, wait);
}
