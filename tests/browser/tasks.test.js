// What people do once an app is there, from end to end, once with scripts and once without.
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { context, launch, signIn } from './browser.js';
import { narrow } from './checks.js';
import * as ways from './ways.js';
import { api, authorize, base, callback, dev, mailed, password, people } from './world.js';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const heading = (page, name, level = 1) => page.getByRole('heading', { level, name }).first().waitFor();
const done = (page, words) => page.getByRole('status').filter({ hasText: words }).first().waitFor();
const at = (app, tab = '') => `${base}/orgs/acme/apps/${app.client_id}${tab && `/${tab}`}`;
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const FULL = /^(All \d+ applications are|The only application is) in use$/;
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

/** A task begins with a fresh browser and must end without trouble; apps made by `make` are deleted at its end. */
function task(scripts, name, steps) {
  test(name, async () => {
    const back = await callback();
    const own = await context(browser, { scripts, foreign: [back.address] });
    const made = [];
    const make = async (kind, more = {}) => {
      const redirect_uris = kind === 'm2m' ? undefined : ['http://127.0.0.1:8765/callback'];
      const app = await api('POST', '/apps', { kind, name: `${name} ${scripts}`.slice(0, 100), scopes: ['projects:read'], redirect_uris, ...more });
      made.push(app.client_id);
      return app;
    };
    try {
      await steps(await own.newPage(), { own, back, make });
      assert.deepEqual(own.trouble, []);
    } finally {
      await own.close();
      back.close();
      for (const id of made) await api('DELETE', `/apps/${id}`).catch(() => {});
    }
  });
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An assertion by which `app` proves itself. */
function assertion(app, key, more = {}) {
  const claims = { iss: app.client_id, sub: app.client_id, aud: dev.issuer, exp: Math.floor(Date.now() / 1000) + 60, jti: crypto.randomUUID(), ...more };
  const input = `${encoded({ alg: 'ES256', typ: 'JWT' })}.${encoded(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

async function statusByKey(app, key) {
  const fields = {
    grant_type: 'client_credentials', client_id: app.client_id,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion(app, key),
  };
  return (await fetch(`${base}/token`, { method: 'POST', body: new URLSearchParams(fields) })).status;
}

/** Downloads what `click` brings; its name and text. */
async function download(page, click) {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return [file.suggestedFilename(), readFileSync(await file.path(), 'utf8')];
}

/** Goes through the question of `app` as the signed-in person; the code. */
async function allow(page, app, back, scope) {
  await page.goto(base + authorize({ client_id: app.client_id, redirect_uri: back.address, scope }));
  await ways.decide(page, 'Allow', back.address);
  return back.came.at(-1).get('code');
}

for (const scripts of [true, false]) {
  describe(scripts ? 'with scripts' : 'without scripts', () => {
    task(scripts, 'A public key is pasted and works', async (page, { make }) => {
      const app = await make('m2m');
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      await signIn(page, 'admin');
      await page.goto(at(app, 'credentials/keys/new'));
      await page.getByLabel(/^Public key or certificate/).fill(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await ways.press(page, 'Add key');
      await page.locator('.summary').waitFor();
      assert.ok(!(await page.content()).includes('PRIVATE KEY-----\nM'), 'a private key pasted by mistake is not repeated');
      await page.getByLabel(/^Public key or certificate/).fill(pair.publicKey.export({ type: 'spki', format: 'pem' }));
      await page.getByLabel(/^Note/).fill('build server');
      await ways.press(page, 'Add key');
      await page.getByText('build server').first().waitFor();
      assert.equal(await statusByKey(app, pair.privateKey), 200);
    });

    task(scripts, 'A second secret gives the first an end', async (page, { make }) => {
      const app = await make('web');
      await signIn(page, 'admin');
      await page.goto(at(app, 'credentials'));
      const overlap = page.getByLabel(/^The present secret goes on/);
      await ways.reveal(page, overlap);
      await overlap.selectOption('3600');
      await ways.addSecret(page);
      const second = await page.locator('#client_secret').inputValue();
      await ways.goOn(page);
      await page.goto(at(app, 'credentials'));
      const first = page.locator('.secret').filter({ hasText: app.client_secret.slice(-4) });
      assert.match(await first.innerText(), /Expires\s+in (1 hour|\d+ minutes)/i);
      assert.match(await page.locator('.secret').filter({ hasText: second.slice(-4) }).innerText(), /Expires\s+never/i);
      assert.deepEqual([await ways.tokenStatus(app, 'web'), await ways.tokenStatus({ ...app, client_secret: second }, 'web')], [200, 200]);
    });

    task(scripts, 'Service credentials are taken home once', async (page, { make }) => {
      const app = await make('m2m');
      await signIn(page, 'admin');
      await page.goto(at(app, 'credentials'));
      await page.getByLabel(/^Note for new service credentials/).fill('author');
      await ways.press(page, 'Create service credentials');
      const [name, text] = await download(page, () => page.getByRole('button', { name: 'Download the file' }).click());
      assert.equal(name, `${app.client_id}-service-credentials.json`);
      const { integration } = JSON.parse(text);
      assert.match(integration.privateKey, /^-----BEGIN RSA PRIVATE KEY-----/);
      assert.equal(await ways.tokenStatus({ client_id: app.client_id, client_secret: integration.technicalAccount.clientSecret }, 'm2m'), 200);
      await ways.goOn(page);
      assert.ok(!(await page.content()).includes('PRIVATE KEY'), 'shown once');
    });

    task(scripts, 'An assertion is checked without being used up', async (page, { make }) => {
      const app = await make('m2m');
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      await api('POST', `/apps/${app.client_id}/keys`, { key: pair.publicKey.export({ type: 'spki', format: 'pem' }) });
      await signIn(page, 'developer');
      await page.goto(at(app, 'credentials/check'));
      const check = async (text) => {
        await page.getByLabel(/^Endpoint/).selectOption('client_assertion');
        await page.getByLabel(/^Assertion/).fill(text);
        await ways.press(page, 'Check');
      };
      const good = assertion(app, pair.privateKey);
      await check(good);
      await heading(page, 'It would be accepted', 2);
      await check(assertion(app, pair.privateKey, { exp: Math.floor(Date.now() / 1000) - 3600 }));
      await heading(page, 'It would be refused', 2);
      await page.locator('.step.failed').waitFor();
    });

    task(scripts, 'A logo is shown and taken away', async (page, { make }) => {
      const app = await make('web');
      await signIn(page, 'admin');
      await page.goto(at(app, 'settings'));
      await page.locator('#logo').setInputFiles({ name: '"><img onerror=1>.png', mimeType: 'image/png', buffer: PICTURE });
      await ways.press(page, 'Use this picture');
      const shown = page.locator('#logo-section img[src^="/logos/"]').first();
      await shown.waitFor();
      assert.ok(await shown.evaluate((one) => one.decode().then(() => one.naturalWidth === 1)));
      await ways.press(page, 'Remove it');
      await page.getByText('No logo yet').waitFor();
      await page.locator('#logo').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload=alert(1)>') });
      await ways.press(page, 'Use this picture');
      await page.locator('#logo-error').waitFor();
    });

    task(scripts, 'Shorter limits are reviewed before they end access', async (page, { make, back }) => {
      const app = await make('spa');
      await signIn(page, 'admin');
      const code = await allow(page, app, back, 'projects:read');
      const fields = { grant_type: 'authorization_code', code, redirect_uri: back.address, client_id: app.client_id, code_verifier: VERIFIER };
      assert.equal((await fetch(`${base}/token`, { method: 'POST', body: new URLSearchParams(fields) })).status, 200);
      await page.goto(at(app, 'settings'));
      const idle = page.locator('[name=idle_lifetime]');
      await ways.reveal(page, idle);
      await idle.selectOption('3600');
      await ways.press(page, /^Save/, page.locator('main'));
      await heading(page, 'Before you save', 2);
      await page.getByText(/^The one authorization there is ends earlier/).waitFor();
      await ways.press(page, 'Back to the settings');
      await page.locator('[name=idle_lifetime]').waitFor({ state: 'attached' });
      assert.equal(await page.locator('[name=idle_lifetime]').inputValue(), '3600', 'nothing is lost on the way back');
      await ways.press(page, /^Save/, page.locator('main'));
      await ways.press(page, /^Save, and end it earlier/);
      await done(page, /saved/i);
    });

    task(scripts, 'Two who edit at one time see each other', async (page, { make, own }) => {
      const app = await make('web');
      await signIn(page, 'admin');
      const other = await own.newPage();
      for (const tab of [page, other]) await tab.goto(at(app, 'settings'));
      await other.getByLabel(/^Description/).fill('Theirs');
      await ways.press(other, /^Save/, other.locator('main'));
      await done(other, /saved/i);
      await page.getByLabel(/^Description/).fill('Mine');
      await ways.press(page, /^Save/, page.locator('main'));
      await page.getByText(/saved this application/).first().waitFor();
      await page.getByText('Theirs').first().waitFor();
      assert.equal(await page.getByLabel(/^Description/).inputValue(), 'Mine');
      await ways.press(page, /^Save/, page.locator('main'));
      await done(page, /saved/i);
      assert.equal((await api('GET', `/apps/${app.client_id}`)).description, 'Mine');
    });

    task(scripts, 'An app is tried by its own code flow', async (page, { make }) => {
      const app = await make('web');
      await signIn(page, 'admin');
      await page.goto(at(app, 'quickstart'));
      await ways.tryApp(page);
      await heading(page, /asks for access/);
      await page.locator('button:not([aria-disabled])', { hasText: 'Allow' }).click();
      await heading(page, 'It works', 2);
      assert.ok((await page.locator('.legs li').count()) >= 3);
      assert.doesNotMatch(await page.locator('.legs').innerText(), /eyJ[\w-]{30}|gr[rc]_[\w-]{20}/, 'secrets are masked');
      await ways.press(page, 'End this access');
      await done(page, /ended|taken back|over/i);
    });

    task(scripts, 'The inspector waits for the first request and shows it', async (page, { make }) => {
      const app = await make('m2m');
      await signIn(page, 'developer');
      await page.goto(at(app, 'activity'));
      await page.getByText(/^Waiting for your application/).waitFor();
      await ways.refusedRequest(app);
      const first = page.locator('.requests a').first();
      if (scripts) {
        await first.waitFor();
      } else {
        for (let tries = 0; tries < 100 && !(await first.count()); tries += 1) await page.goto(at(app, 'activity'));
      }
      await first.click();
      await page.locator('.step.failed').first().waitFor();
    });

    task(scripts, 'Consent is asked again for what is new, and of the right person', async (page, { make, back }) => {
      const app = await make('web', { scopes: ['projects:read', 'billing:write'] });
      const ask = (scope) => page.goto(base + authorize({ client_id: app.client_id, redirect_uri: back.address, scope }));
      await ask('projects:read');
      await signIn(page, 'admin');
      await ways.decide(page, 'Allow', back.address);
      await ask('projects:read');
      assert.ok(page.url().startsWith(back.address), 'no second question for the same');
      await ask('projects:read billing:write');
      await page.getByText(/asks for more than you allowed before/).waitFor();
      await ways.press(page, 'Not you?');
      await page.getByLabel('Email').waitFor();
      await signIn(page, 'owner');
      await heading(page, /asks for access/);
      await page.getByText(people.owner.email).first().waitFor();
      await ways.decide(page, 'Cancel', back.address);
      assert.equal(back.came.at(-1).get('error'), 'access_denied');
    });

    task(scripts, 'What is sensitive is allowed with the password when that was long ago', async (page, { make, back }) => {
      const who = people[scripts ? 'journey7' : 'journey8'];
      const app = await make('web', { scopes: ['projects:read', 'billing:write'] });
      const ask = (scope) => page.goto(base + authorize({ client_id: app.client_id, redirect_uri: back.address, scope }));
      await signIn(page, who);
      ways.age(who.email);
      await ask('projects:read');
      await ways.decide(page, 'Allow', back.address);
      await ask('projects:read billing:write');
      await ways.allowLate(page);
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByText('That is not your password').waitFor();
      assert.match(await page.title(), /^Error/);
      assert.ok(await page.getByLabel('Password', { exact: true }).evaluate((field) => field === document.activeElement), 'one types on');
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.keyboard.press('Enter');
      await page.waitForURL(`${back.address}*`);
      assert.ok(back.came.at(-1).get('code'));
      ways.age(who.email);
      await ask('projects:read billing:write');
      assert.ok(page.url().startsWith(back.address), 'what was allowed is not asked for again');
      await page.goto(base + authorize({ redirect_uri: back.address }));
      await ways.allowLate(page);
      await ways.press(page, 'Cancel');
      await page.waitForURL(`${back.address}*`);
      assert.equal(back.came.at(-1).get('error'), 'access_denied');
    });

    task(scripts, 'A forgotten password is replaced by a link', async (page, { own }) => {
      const who = people[scripts ? 'journey3' : 'journey4'];
      await page.goto(`${base}/login`);
      await page.getByRole('link', { name: /Forgot/ }).click();
      await page.getByLabel('Email').fill(who.email);
      await ways.press(page, 'Send the link');
      await heading(page, 'Check your email');
      const link = await mailed(who.email);
      await page.goto(link);
      await page.getByLabel('New password', { exact: true }).fill('seven quiet boats at noon');
      await ways.press(page, 'Set password');
      const again = await own.newPage();
      assert.equal((await again.goto(link)).status(), 404, 'a link works once');
      await again.close();
      const fresh = await context(browser, { scripts });
      const elsewhere = await fresh.newPage();
      await signIn(elsewhere, { email: who.email, password: 'seven quiet boats at noon' });
      assert.deepEqual(fresh.trouble, []);
      await fresh.close();
    });

    task(scripts, 'What weighs much asks for the password again', async (page, { make }) => {
      const who = people[scripts ? 'journey5' : 'journey6'];
      const app = await make('m2m', { name: 'To be deleted' });
      await signIn(page, who);
      ways.age(who.email);
      await page.goto(at(app, 'settings'));
      await page.getByLabel(/^Type /).fill('To be deleted');
      await ways.press(page, /^Delete application/);
      await heading(page, 'Confirm it is you');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await ways.press(page, 'Confirm and continue');
      assert.match(await page.title(), /^Error/);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await ways.press(page, 'Confirm and continue');
      await page.waitForURL((url) => /\/apps$/.test(url.pathname));
    });

    task(scripts, 'What was typed outlives the session', async (page, { make, own }) => {
      const who = people[scripts ? 'journey5' : 'journey6'];
      const app = await make('web');
      await signIn(page, who);
      await page.goto(at(app, 'settings'));
      await page.getByLabel(/^Description/).fill('Typed for a long time');
      ways.expire(who.email);
      await ways.press(page, /^Save/, page.locator('main'));
      await heading(page, 'Sign in');
      await page.getByText(/What you entered is kept/).waitFor();
      await page.getByLabel('Email').fill(who.email);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await done(page, /still here, and nothing is saved yet/);
      assert.equal(await page.getByLabel(/^Description/).inputValue(), 'Typed for a long time');
      assert.equal((await api('GET', `/apps/${app.client_id}`)).description, '', 'shown, not saved');
      // Signed in meanwhile in another tab: the form of the old page comes back as well.
      const other = await own.newPage();
      ways.expire(who.email);
      await signIn(other, who);
      await ways.press(page, /^Save/, page.locator('main'));
      await done(page, /still here, and nothing is saved yet/);
      await ways.press(page, /^Save/, page.locator('main'));
      await done(page, /saved\./);
      assert.equal((await api('GET', `/apps/${app.client_id}`)).description, 'Typed for a long time');
    });

    task(scripts, 'A full org makes room and goes on', async (page) => {
      await signIn(page, 'full');
      await page.goto(`${base}/orgs/full/apps/new`);
      if (!FULL.test(await page.getByRole('heading', { level: 1 }).innerText())) await ways.createApp(page, 'm2m', 'The only one', 'full');
      await page.goto(`${base}/orgs/full/apps/new`);
      await heading(page, FULL);
      const name = await page.locator('.rows .name').first().innerText();
      await page.getByRole('link', { name: /^Disable or delete/ }).first().click();
      await heading(page, name);
      await ways.deleteApp(page, page.url().replace(/\/settings.*/, ''), name);
      const app = await ways.createApp(page, 'm2m', 'The next one', 'full');
      assert.ok(app.client_secret.startsWith('grs_'));
    });

    task(scripts, 'A role is changed and a person removed', async (page) => {
      const who = people[scripts ? 'leaving1' : 'leaving2'];
      await signIn(page, 'owner');
      const find = async () => page.goto(`${base}/orgs/acme/people?q=${encodeURIComponent(who.email)}`);
      await find();
      const row = page.locator('.person').filter({ hasText: who.email });
      await row.locator('summary', { hasText: 'Change' }).first().click();
      await row.getByLabel('Role').selectOption('developer');
      await ways.press(page, 'Save role', row);
      await find();
      await row.locator('.tag', { hasText: 'Developer' }).first().waitFor();
      const theirs = await context(browser, { scripts });
      const elsewhere = await theirs.newPage();
      await signIn(elsewhere, who);
      assert.equal((await elsewhere.goto(`${base}/orgs/acme/apps`)).status(), 200);
      await row.locator('summary', { hasText: 'Change' }).first().click();
      await ways.press(page, /^Remove /, row);
      await find();
      await heading(page, 'Nobody found', 2);
      assert.equal((await elsewhere.goto(`${base}/orgs/acme/apps`)).status(), 404);
      await theirs.close();
    });

    task(scripts, 'The audit trail is taken home', async (page) => {
      await signIn(page, 'owner');
      await page.goto(`${base}/orgs/acme/audit?action=client.create`);
      const [csv, table] = await download(page, () => page.getByRole('link', { name: 'CSV' }).click());
      assert.match(csv, /\.csv$/);
      assert.ok(table.includes('client.create') && !table.includes('client.delete'));
      const [json, text] = await download(page, () => page.getByRole('link', { name: 'JSON' }).click());
      assert.match(json, /\.json$/);
      assert.ok(JSON.stringify(JSON.parse(text)).includes('client.create'));
    });

    task(scripts, 'A developer gets a token for themself and revokes it', async (page) => {
      await signIn(page, 'developer');
      await page.goto(`${base}/orgs/acme/development`);
      await page.getByLabel(/See your projects/).check();
      await ways.press(page, 'Get a token');
      const token = await page.locator('#access_token').inputValue();
      assert.match(token, /^eyJ/);
      await page.getByRole('link', { name: 'Done' }).click();
      assert.ok(!(await page.content()).includes(token), 'shown once');
      await ways.press(page, /^Revoke the token/);
      await done(page, /revoked/);
    });
  });
}

test('A page tells in time that the session ends, and lets it go on', async () => {
  const app = await api('POST', '/apps', { kind: 'm2m', name: 'Open for long', scopes: ['projects:read'] });
  const own = await context(browser);
  const page = await own.newPage();
  await page.clock.install();
  await signIn(page, people.journey5);
  await page.goto(at(app, 'settings'));
  await page.getByLabel(/^Description/).fill('Still typing');
  const bar = page.locator('main > .session-end');
  await page.clock.fastForward('11:54:30');
  assert.equal(await bar.count(), 0, 'not before it is time');
  await page.clock.fastForward('01:00');
  await bar.waitFor();
  assert.match(await page.locator('#live').innerText(), /Your session ends soon/, 'it is told politely');
  assert.deepEqual(await narrow(page), []);
  await bar.getByRole('button', { name: 'Stay signed in' }).click();
  await bar.waitFor({ state: 'detached' });
  await page.clock.fastForward('11:59:00');
  await bar.getByRole('button', { name: 'Stay signed in' }).waitFor();
  ways.expire(people.journey5.email);
  await bar.getByRole('button', { name: 'Stay signed in' }).click();
  await bar.getByText(/Your session has ended/).waitFor();
  const [other] = await Promise.all([own.waitForEvent('page'), bar.getByRole('link', { name: /^Sign in/ }).click()]);
  await other.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  assert.equal(await page.getByLabel(/^Description/).inputValue(), 'Still typing');
  assert.deepEqual(own.trouble, []);
  await own.close();
  await api('DELETE', `/apps/${app.client_id}`);
});

test('A pair is made in the browser, and its private half is never sent', async () => {
  const app = await api('POST', '/apps', { kind: 'm2m', name: 'Keys from the browser', scopes: ['projects:read'] });
  const own = await context(browser);
  const page = await own.newPage();
  const sent = [];
  own.on('request', (request) => sent.push(request.url(), request.postDataBuffer()?.toString('latin1') ?? ''));
  await signIn(page, 'admin');
  await page.goto(at(app, 'credentials/keys/new'));
  await page.getByRole('button', { name: 'Make a key pair' }).click();
  const [name, text] = await download(page, () => page.getByRole('button', { name: 'Download private key' }).click());
  assert.match(name, /-private-key\.pem$/);
  await ways.press(page, 'Add key');
  await page.waitForURL((url) => /\/credentials$/.test(url.pathname));
  assert.equal(await statusByKey(app, createPrivateKey(text)), 200);
  assert.ok(sent.some((one) => one.includes('BEGIN PUBLIC KEY')), 'the public half was sent');
  const inner = text.split('\n').slice(1, -2);
  for (const one of sent) assert.ok(!one.includes('PRIVATE KEY') && !inner.some((line) => one.includes(line)), 'the private half stays here');
  assert.deepEqual(own.trouble, []);
  await own.close();
  const plain = await context(browser, { scripts: false });
  const without = await plain.newPage();
  await signIn(without, 'admin');
  await without.goto(at(app, 'credentials/keys/new'));
  assert.ok(!(await without.getByRole('button', { name: 'Make a key pair' }).isVisible()), 'nothing that cannot work is offered');
  await plain.close();
  await api('DELETE', `/apps/${app.client_id}`);
});
