// Pictures of the pages for docs/screenshots, when they are asked for.
import { writeFileSync } from 'node:fs';

const folder = process.env.SCREENSHOTS;

async function take(page, file, width, height) {
  const session = await page.context().newCDPSession(page);
  const picture = { format: 'webp', quality: 50, captureBeyondViewport: true, clip: { x: 0, y: 0, width, height, scale: 1 } };
  const { data } = await session.send('Page.captureScreenshot', picture);
  writeFileSync(`${folder}/${file}.webp`, Buffer.from(data, 'base64'));
  await session.detach();
}

/** Light, dark, and at 320 px where that shows something else; very long pages are cut. */
export async function keep(page, { name, shot }) {
  if (!folder || shot === false) return;
  for (const [theme, width] of [['light', 1280], ['dark', 1280], ...(shot === 'narrow' ? [['light', 320]] : [])]) {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: width === 320 ? 640 : 800 });
    const height = await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); return document.documentElement.scrollHeight; });
    await take(page, `${name}-${width === 320 ? 'narrow' : theme}`, width, Math.min(height, 2000));
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}
