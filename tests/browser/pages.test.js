// Every page that people can come to, one by one: with and without scripts, in both themes, by keyboard, at 320 px.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { context, launch, states } from './browser.js';
import { catalogue, errors, pageless } from './catalogue.js';
import { accessible, honest, keyboard, narrow, refused, structured } from './checks.js';
import { keep } from './screenshots.js';
import { connect, createApp, invite } from './ways.js';
import { base, callback, mailed, populate, redeem } from './world.js';

const roles = ['owner', 'admin', 'developer', 'leaver', 'member', 'journey9', 'full', 'empty'];
let browser, signedIn, world, back;

before(async () => {
  browser = await launch();
  [signedIn, world, back] = [await states(browser, roles), await populate(), await callback()];
  // What takes a person: somebody allowed an app, somebody is invited, an org has no room left.
  const owner = await context(browser, { state: signedIn.owner, foreign: [back.address] });
  const page = await owner.newPage();
  await connect(page, back.address);
  await redeem(back.came.at(-1).get('code'), back.address);
  await page.goto(`${base}/orgs/acme/people`);
  await invite(page, 'welcome@acme.test');
  world.invitation = new URL(await mailed('welcome@acme.test')).pathname;
  await owner.close();
  const full = await context(browser, { state: signedIn.full });
  await createApp(await full.newPage(), 'm2m', 'The only one', 'full');
  await full.close();
});
after(async () => { await browser?.close(); back?.close(); });

const routes = readFileSync(new URL('../../docs/ROUTES.md', import.meta.url), 'utf8')
  .split('## For people')[1].split('\n## ')[0]
  .matchAll(/^\| GET \| `([^`]+)` \|/gm);

test('every page of docs/ROUTES.md is visited', () => {
  const known = new Set([...Object.keys(catalogue), ...pageless]);
  const listed = [...routes].map((row) => row[1]);
  assert.ok(listed.length > 20, 'the list of routes is read');
  assert.deepEqual(listed.filter((route) => !known.has(route)), [], 'say in tests/browser/catalogue.js how one comes to these pages');
  assert.deepEqual([...known].filter((route) => !listed.includes(route)), [], 'tests/browser/catalogue.js has pages that are not there');
});

async function open(visit, scripts) {
  const own = await context(browser, { scripts, state: visit.as && signedIn[visit.as] });
  const page = await own.newPage();
  const answer = await page.goto(base + visit.path(world));
  const wanted = [visit.status ?? 200].flat();
  assert.ok(wanted.includes(answer.status()), `${answer.status()} for ${page.url()}`);
  assert.ok(!visit.as || !page.url().includes('/login'), `${visit.as} is not signed in and sees ${page.url()}`);
  if (visit.do) await visit.do(page);
  return { own, page };
}

test('pages', { concurrency: 2 }, async (all) => {
  const only = process.env.ONLY && new RegExp(process.env.ONLY);
  const visits = [...Object.values(catalogue).flat(), ...errors].filter((visit) => !only || only.test(visit.name));
  await Promise.all(visits.map((visit) => all.test(visit.name, async () => {
    const { own, page } = await open(visit, true);
    const problems = [...(visit.refused ? await refused(page) : []), ...await structured(page), ...await accessible(page), ...await narrow(page)];
    await keep(page, visit);
    problems.push(...await keyboard(page), ...own.trouble);
    await own.close();
    if (!visit.fresh) {
      const plain = await open(visit, false);
      problems.push(...await structured(plain.page), ...await honest(plain.page), ...plain.own.trouble.map((one) => `without scripts: ${one}`));
      await plain.own.close();
    }
    assert.ok(!problems.length, `${visit.name}:\n  ${problems.join('\n  ')}`);
  })));
});
