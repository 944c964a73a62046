// How one gets something done on the pages: by labels and roles, as a person would. A page that changes is changed here once.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { authorize, base, dev } from './world.js';

const visible = async (locator) => (await locator.count()) > 0 && locator.first().isVisible();

/** Presses a button; where it stands behind a question, opens that first. */
export async function press(page, name, within = page) {
  const before = page.url();
  const button = within.getByRole('button', { name, includeHidden: true });
  await button.first().waitFor({ state: 'attached' });
  const seen = within.getByRole('button', { name }).first();
  const target = (await visible(seen)) ? seen : button.first();
  for (const summary of await target.locator('xpath=ancestor::details[not(@open)]/summary').all()) await summary.click();
  await target.click();
  await page.waitForLoadState('domcontentloaded');
  return before;
}

/** Opens whatever hides `locator` in closed details. */
export async function reveal(page, locator) {
  for (const summary of await page.locator('details:not([open]) > summary').all()) {
    if (await visible(locator)) return;
    if (await summary.isVisible()) await summary.click();
  }
}

export async function signOut(page) {
  await page.locator('summary', { hasText: 'Account:' }).click();
  await press(page, 'Sign out', page.locator('header'));
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
}

const KINDS = { web: /^Web Application/, spa: /^Single Page/, m2m: /^Machine to Machine/ };

/** Fills in what the step of the wizard asks and goes on to the next, `times` times or until the app is made. */
export async function wizard(page, kind, name, times) {
  for (let step = 0; step < times && !(await visible(page.locator('#client_id[readonly]'))); step += 1) {
    const own = page.locator('main form[method=post]').last();
    const named = own.getByRole('textbox', { name: /^Name/ });
    if (await visible(named)) await named.fill(name);
    const address = own.getByRole('textbox', { name: /^Redirect URI/ }).first();
    if (kind !== 'm2m' && await visible(address)) await address.fill('http://127.0.0.1:8765/callback');
    const scope = own.getByLabel(/See your projects/);
    if (await visible(scope)) await scope.check();
    await own.locator('button.primary').last().click();
    await page.waitForLoadState('domcontentloaded');
    const mistake = page.locator('.summary');
    if (await visible(mistake)) throw new Error(`refused: ${await mistake.innerText()}`);
  }
}

/** From the list through every step of the wizard to the page that says it is done; the values shown there. */
export async function createApp(page, kind, name, org = 'acme') {
  await page.goto(`${base}/orgs/${org}/apps`);
  await page.getByRole('link', { name: /New application/ }).first().click();
  await page.getByRole('link', { name: KINDS[kind] }).click();
  await wizard(page, kind, name, 6);
  const value = async (id) => (await visible(page.locator(`#${id}`))) ? page.locator(`#${id}`).inputValue() : '';
  return { client_id: await value('client_id'), client_secret: await value('client_secret') };
}

/** From the page that shows a secret once to where it leads. */
export async function goOn(page) {
  const stored = page.getByLabel(/I have stored/);
  if (await visible(stored)) await stored.check();
  await press(page, /^Continue/);
}

/** On the credentials page: one more secret; ends on the page that shows it. */
export async function addSecret(page) {
  const button = page.getByRole('button', { name: /^Add (a )?(second )?secret/ });
  await reveal(page, button);
  await button.first().click();
  await page.locator('#client_secret').waitFor();
}

/** On the people page: an invitation by mail. */
export async function invite(page, email) {
  const own = page.locator('form').filter({ has: page.getByRole('button', { name: /Make a link|Send invitation/ }) });
  await own.getByLabel(/^Email/).fill(email);
  await press(page, /Make a link|Send invitation/);
}

/** Says yes to the demo's single-page app as `page`'s person. */
export async function connect(page, to = dev.apps.spa.redirect_uri) {
  await page.goto(base + authorize({ redirect_uri: to }));
  const allow = page.getByRole('button', { name: 'Allow', exact: true });
  if (!(await visible(allow))) return;
  await page.locator('button:not([aria-disabled])', { hasText: 'Allow' }).click();
  await page.waitForURL(`${to}*`);
}

/** Whether a token request of `app` with its secret is answered. */
export async function tokenStatus(app, kind) {
  const authorization = `Basic ${Buffer.from(`${app.client_id}:${app.client_secret}`).toString('base64')}`;
  const fields = kind === 'm2m' ? { grant_type: 'client_credentials' } : { grant_type: 'refresh_token', refresh_token: 'x' };
  const { status } = await fetch(`${base}/token`, { method: 'POST', headers: { authorization }, body: new URLSearchParams(fields) });
  // Who is known but brings no good refresh token is told 400.
  return kind !== 'm2m' && status === 400 ? 200 : status;
}

/** One more secret for the app at `address`. */
export async function secondSecret(page, address) {
  await page.goto(`${address}/credentials`);
  await addSecret(page);
  const secret = await page.locator('#client_secret').inputValue();
  await goOn(page);
  return secret;
}

/** On the credentials page: deletes the secret that is not `kept`. */
export async function deleteOldSecret(page, kept) {
  const old = page.locator('.secret').filter({ hasNotText: kept.slice(-4) });
  await press(page, /^Delete the secret/, old);
  await page.getByRole('status').filter({ hasText: /deleted/i }).first().waitFor();
}

/** Fills fields of the settings by their labels and saves. */
export async function editSettings(page, address, values) {
  await page.goto(`${address}/settings`);
  for (const [label, value] of Object.entries(values)) await page.getByLabel(new RegExp(`^${label}`)).first().fill(value);
  await press(page, /^Save/, page.locator('main'));
  await page.getByRole('status').filter({ hasText: /saved/i }).waitFor();
}

export async function disableAndEnable(page, address) {
  await page.goto(`${address}/settings`);
  await press(page, /^Disable/);
  await page.getByText('This application is disabled').waitFor();
  await page.goto(`${address}/settings`);
  await press(page, /^Enable/);
  await page.getByText('This application is disabled').waitFor({ state: 'detached' });
}

/** Deletes by typing the name; ends on the list. */
export async function deleteApp(page, address, name) {
  await page.goto(`${address}/settings`);
  await page.getByLabel(/^Type /).fill(name);
  await press(page, /^Delete application/);
  await page.waitForURL((url) => /\/apps$/.test(url.pathname));
}

/** Restores a deleted app from the list. */
export async function restoreApp(page, name, clientId) {
  const button = page.getByRole('button', { name: /^Restore/ });
  if (!(await visible(button))) await page.getByRole('link', { name: /deleted/i }).first().click();
  await page.locator('li, tr, article').filter({ hasText: name }).getByRole('button', { name: /^Restore/ }).first().click();
  await page.waitForLoadState('domcontentloaded');
  return clientId;
}

/** The address that asks the signed-in person to allow the demo's single-page app. */
export const question = (address) => authorize({ redirect_uri: address });

/** Answers the consent page once its buttons have settled. */
export async function decide(page, word, address) {
  await page.locator('button:not([aria-disabled])', { hasText: word }).last().click();
  await page.waitForURL(`${address}*`);
}

/** Sends the settings of an app when the session is gone; sign-in keeps what was typed. */
export async function sendLate(page) {
  await page.context().clearCookies();
  await press(page, /^Save settings/, page.locator('main'));
  await page.getByText(/What you entered is kept/).waitFor();
}

/** On the consent page: allows something sensitive, long after signing in; ends where the password is asked for. */
export async function allowLate(page) {
  await page.locator('button:not([aria-disabled])', { hasText: 'Allow' }).last().click();
  await page.getByRole('heading', { level: 1, name: 'Confirm it is you' }).waitFor();
}

/** Lets the password of a person have been typed an hour ago. */
export function age(email) {
  change(email, "authenticated_at = authenticated_at - interval '1 hour'");
}

/** Lets the sessions of a person end, as they do when nothing is sent for long. */
export function expire(email) {
  change(email, "idle_expires_at = now() - interval '1 second'");
}

function change(email, what) {
  const settings = readFileSync(`${process.env.GRANTOR_DATA}/dev.toml`, 'utf8');
  const url = settings.match(/^url = ["'](.*)["']$/m)[1];
  const statement = `UPDATE browser_sessions SET ${what} WHERE ended_at IS NULL AND user_id = (SELECT id FROM users WHERE email = '${email}')`;
  execFileSync('psql', ['-q', '-X', '-v', 'ON_ERROR_STOP=1', url, '-c', statement]);
}

/** The reference id of a request that is refused for its scope. */
export async function refusedRequest(app) {
  const authorization = `Basic ${Buffer.from(`${app.client_id}:${app.client_secret}`).toString('base64')}`;
  const answer = await fetch(`${base}/token`, { method: 'POST', headers: { authorization }, body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'no:such' }) });
  return answer.headers.get('x-request-id');
}

/** A public key as people paste it. */
export const publicKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });

/** On the quick start of an app: goes through what it would do. */
export async function tryApp(page) {
  await page.locator('section[aria-labelledby=try-title] button[type=submit]').first().click();
  await page.waitForLoadState('domcontentloaded');
}

/** Sends the form with `button` filled in so that the server refuses it: past what the browser itself would stop. */
export async function refuse(page, button, values) {
  const own = page.locator('main form').filter({ has: page.getByRole('button', { name: button, includeHidden: true }) }).first();
  await own.evaluate((form) => {
    form.noValidate = true;
    for (const field of form.elements) field.removeAttribute('maxlength');
  });
  for (const [name, value] of Object.entries(values)) {
    const fields = own.locator(`[name="${name}"]`);
    await reveal(page, fields.first());
    if (Buffer.isBuffer(value)) await fields.setInputFiles({ name: 'file', mimeType: 'application/octet-stream', buffer: value });
    else if (value === false) for (const box of await fields.all()) await box.uncheck();
    else await fields.first().fill(value);
  }
  await press(page, button, own);
  await page.locator('.summary').waitFor();
}
