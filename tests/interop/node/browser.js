// A person's browser without scripts: follows redirects, keeps cookies, fills in forms.
import { parse } from 'node-html-parser';

export class Browser {
  #cookies = new Map();

  constructor(origin) {
    this.origin = origin;
  }

  async #send(url, options = {}) {
    const headers = { ...options.headers };
    const own = new URL(url).origin === this.origin;
    if (own && this.#cookies.size) headers.cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { ...options, headers, redirect: 'manual' });
    if (own) {
      for (const line of answer.headers.getSetCookie()) {
        const [pair] = line.split(';');
        const at = pair.indexOf('=');
        const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
        if (value === '' || /max-age=0/i.test(line)) this.#cookies.delete(name);
        else this.#cookies.set(name, value);
      }
    }
    return answer;
  }

  /** Goes to `url` and on to where it leads; stops at a redirect that leaves the server. */
  async visit(url, options) {
    let answer = await this.#send(url, options);
    for (let hops = 0; hops < 10; hops += 1) {
      const location = answer.headers.get('location');
      if (!location) return { url, status: answer.status, html: parse(await answer.text()) };
      url = new URL(location, url).href;
      if (new URL(url).origin !== this.origin) return { left: new URL(url) };
      answer = await this.#send(url);
    }
    throw new Error('too many redirects');
  }

  /** Fills in and sends the page's form that has the field or button `named`. */
  async submit(page, named, values) {
    const form = page.html.querySelectorAll('form').find((form) => form.querySelector(`[name="${named}"]`));
    if (!form) throw new Error(`no form with ${named} on ${page.url}: ${page.html.querySelector('h1')?.text}`);
    const body = new URLSearchParams();
    for (const field of form.querySelectorAll('input')) {
      if (field.getAttribute('type') === 'hidden') body.set(field.getAttribute('name'), field.getAttribute('value') ?? '');
    }
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    const action = new URL(form.getAttribute('action') || page.url, page.url).href;
    return this.visit(action, {
      method: 'POST',
      body,
      headers: { origin: this.origin, 'content-type': 'application/x-www-form-urlencoded' },
    });
  }

  /** Opens an authorization URL as `person`, signs in and approves where asked; returns where the browser was sent. */
  async approve(url, person) {
    let page = await this.visit(url);
    if (page.html?.querySelector('[name="password"]')) page = await this.submit(page, 'password', { email: person.email, password: person.password });
    if (page.html?.querySelector('[name="decision"]')) page = await this.submit(page, 'decision', { decision: 'allow' });
    if (!page.left) throw new Error(`stayed at ${page.url} (${page.status}): ${page.html.querySelector('h1')?.text}`);
    return page.left;
  }
}
