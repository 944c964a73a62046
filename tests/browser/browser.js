// Chromium, and one browser context per person; everything that must never happen on any page is written down as it happens.
import { chromium } from 'playwright-core';
import { base, people } from './world.js';

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/** A context whose `trouble` lists console errors, CSP reports, uncaught errors and requests to where nobody said we would go. */
export async function context(browser, { scripts = true, foreign = [], state, width = 1280 } = {}) {
  const own = await browser.newContext({ javaScriptEnabled: scripts, storageState: state, viewport: { width, height: 900 }, reducedMotion: 'reduce', acceptDownloads: true });
  own.setDefaultTimeout(15_000);
  const trouble = [];
  own.trouble = trouble;
  own.on('request', (request) => {
    const url = request.url();
    if (/^(data|blob|about|chrome-error):/.test(url) || url.startsWith(`${base}/`) || foreign.some((other) => url.startsWith(other))) return;
    trouble.push(`asked a foreign origin: ${url}`);
  });
  own.on('console', (message) => {
    // A page that is itself an error page is told apart from a part of it that is missing.
    const refused = message.text().startsWith('Failed to load resource') && message.location().url === message.page()?.url();
    if (message.type() === 'error' && !refused) trouble.push(`console: ${message.text()} (${message.page()?.url()})`);
  });
  own.on('weberror', (error) => trouble.push(`uncaught: ${error.error()}`));
  await own.exposeBinding('__csp', ({ page }, report) => { trouble.push(`CSP: ${report} on ${page.url()}`); });
  await own.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => window.__csp(`${event.violatedDirective} refused ${event.blockedURI}`));
  });
  // Nothing asks by a box of the browser's but a page with unsaved changes.
  own.on('page', (page) => page.on('dialog', (dialog) => {
    if (dialog.type() !== 'beforeunload') trouble.push(`a box asked: ${dialog.message()}`);
    return dialog.accept();
  }));
  return own;
}

/** Signs a person in by the form. */
export async function signIn(page, who) {
  const { email, password } = people[who] ?? who;
  if (!page.url().includes('/login')) await page.goto(`${base}/login`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => url.pathname !== '/login');
}

/** Signed-in cookies of everybody, made once. */
export async function states(browser, names) {
  const made = {};
  for (const who of names) {
    const own = await context(browser);
    await signIn(await own.newPage(), who);
    made[who] = await own.storageState();
    await own.close();
  }
  return made;
}
