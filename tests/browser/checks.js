// What every page must pass, whatever it is about.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** axe with every rule of WCAG 2.2 AA, and in the dark theme again what colours decide. */
export async function accessible(page) {
  const run = (options) => page.evaluate(async (options) => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'], ...options });
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} ${node.any[0]?.message ?? ''}`));
  }, options);
  await page.evaluate(axe);
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await run({ runOnly: { type: 'tag', values: TAGS }, rules: { 'target-size': { enabled: true } } });
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await run({ runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } });
  await page.emulateMedia({ colorScheme: 'light' });
  return [...light.map((one) => `light ${one}`), ...dark.map((one) => `dark ${one}`)];
}

/** Tab reaches every control, in an order that comes to an end, and one always sees where one is. */
export async function keyboard(page) {
  const expected = await page.evaluate(() => {
    const groups = new Set();
    const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter((one) => {
      if (one.tabIndex < 0 || one.matches(':disabled') || !one.checkVisibility({ visibilityProperty: true })) return false;
      if (one.type !== 'radio') return true;
      const group = `${one.form?.action} ${one.name}`;
      return !groups.has(group) && groups.add(group);
    });
    window.__expected = all;
    window.__reached = new Set();
    document.activeElement?.blur();
    scrollTo(0, 0);
    return all.length;
  });
  const problems = new Set();
  const presses = expected * 2 + 6;
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press('Tab');
    const step = await page.evaluate(() => {
      const own = document.activeElement;
      const name = `${own.localName}${own.id ? `#${own.id}` : ''} ${(own.getAttribute('aria-label') ?? own.textContent ?? '').trim().slice(0, 40)}`;
      if (own === document.body) return { left: window.__reached.size };
      const same = (one) => one === own || (own.type === 'radio' && one.type === 'radio' && one.name === own.name);
      for (const one of window.__expected) if (same(one)) window.__reached.add(one);
      const outlined = [null, '::after', '::before'].some((part) => {
        const style = getComputedStyle(own, part);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      });
      const header = document.querySelector('.top');
      const box = own.getBoundingClientRect();
      const hidden = header && !header.contains(own) && !own.matches('.skip') && box.height > 0 && box.bottom <= header.getBoundingClientRect().bottom;
      return { name, outlined, hidden, done: window.__reached.size === window.__expected.length };
    });
    if (step.name && !step.outlined) problems.add(`focus cannot be seen on ${step.name}`);
    if (step.hidden) problems.add(`focus is hidden by the header on ${step.name}`);
    if (step.done) return [...problems];
  }
  const missed = await page.evaluate(() => window.__expected.filter((one) => !window.__reached.has(one)).map((one) => one.outerHTML.slice(0, 120)));
  return [...problems, ...missed.map((one) => `Tab never reaches ${one}`)];
}

/** Nothing needs sideways scrolling at 320 CSS pixels. */
export async function narrow(page) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 700 });
  const wide = await page.evaluate(() => {
    if (document.scrollingElement.scrollWidth <= 320) return [];
    const out = [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > 321);
    return [`${document.scrollingElement.scrollWidth} px wide`, ...out.slice(0, 4).map((one) => one.outerHTML.slice(0, 120))];
  });
  await page.setViewportSize(before);
  return wide.length ? [`scrolls sideways at 320 px: ${wide.join(' | ')}`] : [];
}

/** One heading of the first level, a title, a language. */
export async function structured(page) {
  const found = await page.evaluate(() => ({ h1: document.querySelectorAll('h1').length, title: document.title, lang: document.documentElement.lang }));
  const problems = [];
  if (found.h1 !== 1) problems.push(`${found.h1} headings of the first level`);
  if (!found.title || !found.lang) problems.push('no title or no language');
  return problems;
}

/** Without scripts no button is shown that only a script would answer. */
export async function honest(page) {
  const dead = await page.locator('button[type=button]:not([disabled])').evaluateAll((all) => all.filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 120)));
  return dead.map((one) => `does nothing without scripts: ${one}`);
}

/** A refused form says so in its title, lists what is wrong where it takes the focus, and repeats each at its field. */
export async function refused(page) {
  return page.evaluate(() => {
    const problems = [];
    const summary = document.querySelector('.summary');
    if (!document.title.startsWith('Error: ')) problems.push(`the title is ${document.title}`);
    if (document.activeElement !== summary) problems.push('the list of errors has not the focus');
    for (const link of summary?.querySelectorAll('a') ?? []) {
      const field = document.getElementById(link.hash.slice(1));
      if (!field) { problems.push(`${link.hash} is nowhere`); continue; }
      if (!field.checkVisibility()) problems.push(`${link.hash} cannot be seen`);
      const described = (field.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
      const words = (text) => text.replace(/^Redirect URI \d+: /, '').trim();
      if (!described.includes(words(link.textContent))) problems.push(`${link.hash} is not described by “${link.textContent}”`);
      const isField = field.matches('input, select, textarea');
      if (isField && field.getAttribute('aria-invalid') !== 'true') problems.push(`${link.hash} is not marked as invalid`);
    }
    return problems;
  });
}
