// What people come for, from end to end, once with scripts and once without.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { context, launch, signIn } from './browser.js';
import * as ways from './ways.js';
import { base, callback, dev, mailed, password, people, redeem } from './world.js';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();

/** A journey begins with a fresh browser and must end without trouble. */
function journey(scripts, name, steps, foreign = []) {
  test(name, async () => {
    const own = await context(browser, { scripts, foreign: foreign.map((one) => one.address ?? one) });
    try {
      await steps(await own.newPage(), own);
      assert.deepEqual(own.trouble, []);
    } finally { await own.close(); }
  });
}

for (const scripts of [true, false]) {
  const mark = scripts ? 'with scripts' : 'without scripts';
  describe(mark, () => {
    journey(scripts, 'signing in takes the right password', async (page) => {
      await page.goto(`${base}/orgs/acme/people`);
      await page.getByLabel('Email').fill(people.owner.email);
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').first().waitFor();
      assert.match(await page.title(), /^Error/);
      await signIn(page, 'owner');
      await heading(page, 'People');
      await ways.signOut(page);
    });

    for (const [kind, secret] of [['web', true], ['spa', false], ['m2m', true]]) {
      journey(scripts, `an app of kind ${kind} from nothing to its secret, and its end`, async (page) => {
        await signIn(page, 'admin');
        const name = `Made ${mark} ${kind}`;
        const app = await ways.createApp(page, kind, name);
        assert.ok(app.client_id);
        assert.equal(app.client_secret.startsWith('grs_'), secret);
        await ways.goOn(page);
        const address = `${base}/orgs/acme/apps/${app.client_id}`;
        if (secret) {
          assert.equal(await ways.tokenStatus(app, kind), 200);
          const second = await ways.secondSecret(page, address);
          assert.notEqual(second, app.client_secret);
          await page.goto(`${address}/credentials`);
          assert.ok(!(await page.content()).includes(second), 'a secret is shown once');
          await ways.deleteOldSecret(page, second);
          assert.equal(await ways.tokenStatus(app, kind), 401);
          assert.equal(await ways.tokenStatus({ ...app, client_secret: second }, kind), 200);
        }
        await ways.editSettings(page, address, { Description: 'Changed by a person.' });
        await page.goto(`${address}/settings`);
        assert.equal(await page.getByLabel(/^Description/).inputValue(), 'Changed by a person.');
        await ways.disableAndEnable(page, address);
        await ways.deleteApp(page, address, name);
        await ways.restoreApp(page, name, app.client_id);
        await page.goto(`${address}/settings`);
        await heading(page, name);
        await ways.deleteApp(page, address, name);
      });
    }

    journey(scripts, 'a mistake in a form is explained and nothing typed is lost', async (page) => {
      await signIn(page, 'admin');
      const address = `${base}/orgs/acme/apps/${dev.apps.web.client_id}/settings`;
      await page.goto(address);
      await page.getByRole('textbox', { name: /^Redirect URI/ }).first().fill('http://evil.example.test/#x');
      await page.getByLabel(/^Description/).fill('Kept although refused.');
      await page.getByRole('button', { name: /^Save/ }).first().click();
      const summary = page.locator('.summary');
      await summary.waitFor();
      assert.match(await page.title(), /^Error/);
      assert.equal(await page.getByLabel(/^Description/).inputValue(), 'Kept although refused.');
      if (scripts) assert.ok(await summary.evaluate((one) => one === document.activeElement), 'the summary takes the focus');
      await summary.getByRole('link').first().click();
      assert.ok(await page.getByRole('textbox', { name: /^Redirect URI/ }).first().getAttribute('aria-invalid'));
    });

    journey(scripts, 'an invited person makes an account and joins', async (page, own) => {
      const email = `new-${scripts}@acme.test`;
      await signIn(page, 'owner');
      await page.goto(`${base}/orgs/acme/people`);
      await ways.invite(page, email);
      const link = await mailed(email);
      await ways.signOut(page);
      await page.goto(link);
      await heading(page, /^Join/);
      await page.getByLabel('Your name').fill('Nadia New');
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: /join/i }).click();
      await page.waitForURL((url) => !url.pathname.startsWith('/invitations'));
      const again = await own.newPage();
      assert.equal((await again.goto(link)).status(), 404, 'a link works once');
    });

    journey(scripts, 'the audit trail tells what was done, and filters', async (page) => {
      await signIn(page, 'owner');
      await page.goto(`${base}/orgs/acme/audit`);
      await heading(page, 'Audit trail');
      await page.getByLabel(/^What/).selectOption('client.create');
      await page.getByRole('button', { name: 'Filter' }).click();
      await page.locator('.event').first().waitFor();
      assert.deepEqual([...new Set(await page.locator('.event a > code').allTextContents())], ['client.create']);
    });

    journey(scripts, 'a password is changed and other browsers are signed out', async (page) => {
      const who = scripts ? 'journey1' : 'journey2';
      const other = await context(browser, { scripts });
      const elsewhere = await other.newPage();
      await signIn(elsewhere, who);
      await signIn(page, who);
      await page.goto(`${base}/account`);
      await page.getByLabel('Current password').fill(password);
      await page.getByLabel('New password').fill('another staple for the horse');
      await page.getByRole('button', { name: 'Change password' }).click();
      await page.getByRole('status').filter({ hasText: /password/i }).first().waitFor();
      await elsewhere.goto(`${base}/account`);
      assert.match(elsewhere.url(), /\/login/);
      await signIn(elsewhere, { email: people[who].email, password: 'another staple for the horse' });
      await page.goto(`${base}/account`);
      await ways.press(page, /^End /);
      await elsewhere.goto(`${base}/account`);
      assert.match(elsewhere.url(), /\/login/, 'an ended session is over');
      await other.close();
    });

    test('an app is allowed, refused, and its access ended', async () => {
      const back = await callback();
      const own = await context(browser, { scripts, foreign: [back.address] });
      const page = await own.newPage();
      await page.goto(base + ways.question(back.address));
      await signIn(page, scripts ? 'member' : 'developer');
      await heading(page, /asks for access/);
      await ways.decide(page, 'Cancel', back.address);
      assert.deepEqual([back.came[0].get('error'), back.came[0].get('state')], ['access_denied', 'xyz']);
      await page.goto(base + ways.question(back.address));
      await heading(page, /asks for access/);
      await ways.decide(page, 'Allow', back.address);
      const { code, iss, state } = Object.fromEntries(back.came.find((one) => one.has('code')));
      assert.ok(code && iss === dev.issuer && state === 'xyz');
      assert.equal(await redeem(code, back.address), 200);
      await page.goto(`${base}/account/apps`);
      await ways.press(page, /^End access/);
      await heading(page, 'No connected apps');
      await page.goto(base + ways.question(back.address));
      await heading(page, /asks for access/);
      assert.deepEqual(own.trouble, []);
      await own.close();
      back.close();
    });

    journey(scripts, 'an app moves to a key, or thinks better of it', async (page) => {
      await signIn(page, 'admin');
      const app = await ways.createApp(page, 'm2m', `Moving ${mark}`);
      const address = `${base}/orgs/acme/apps/${app.client_id}`;
      await page.goto(`${address}/migration`);
      await page.getByLabel(/^New public key/).fill(ways.publicKey());
      await ways.press(page, /^Start migration/);
      await page.getByRole('heading', { name: 'Review' }).waitFor();
      await ways.press(page, /brown-out/);
      await page.getByText(/are refused until/).first().waitFor();
      await ways.press(page, 'End it now');
      await ways.press(page, 'Cancel migration');
      await page.getByRole('button', { name: /^Start migration/ }).waitFor();
      assert.equal(await ways.tokenStatus(app, 'm2m'), 200);
      await ways.deleteApp(page, address, `Moving ${mark}`);
    });

    journey(scripts, 'a refused request is explained from its reference id', async (page) => {
      const app = dev.apps.m2m;
      const id = await ways.refusedRequest(app);
      await signIn(page, 'developer');
      await page.goto(`${base}/orgs/acme/apps/${app.client_id}/activity`);
      await page.getByLabel(/Reference id/).fill(id);
      await page.getByRole('button', { name: 'Find' }).click();
      await page.locator('.step.failed').waitFor();
      await page.getByRole('link', { name: 'invalid_scope' }).click();
      await heading(page, 'invalid_scope');
    });

    journey(scripts, 'programs of the quick start carry the app’s own values', async (page) => {
      await signIn(page, 'developer');
      await page.goto(`${base}/orgs/acme/apps/${dev.apps.web.client_id}/quickstart`);
      const program = page.locator('pre[data-snippet]').first();
      assert.ok((await program.textContent()).includes(dev.apps.web.client_id));
    });
  });
}

test('the theme that was chosen stays', async () => {
  const own = await context(browser);
  const page = await own.newPage();
  await page.goto(`${base}/login`);
  await page.getByRole('button', { name: 'Dark' }).click();
  await page.reload();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  assert.equal(await page.getByRole('button', { name: 'Dark' }).getAttribute('aria-pressed'), 'true');
  await own.close();
});

test('a secret is copied and downloaded from the page that shows it', async () => {
  const own = await context(browser);
  await own.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base });
  const page = await own.newPage();
  await signIn(page, 'admin');
  const app = await ways.createApp(page, 'm2m', 'Copied');
  await page.getByRole('button', { name: 'Copy client secret' }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), app.client_secret);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /\.env/ }).click()]);
  assert.match(file.suggestedFilename(), /\.env$/);
  await ways.deleteApp(page, `${base}/orgs/acme/apps/${app.client_id}`, 'Copied');
  assert.deepEqual(own.trouble, []);
  await own.close();
});
