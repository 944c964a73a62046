// What the pages are about: `grantor dev` with its people, and apps in every state made by the management API.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';

export const dev = JSON.parse(readFileSync(process.env.GRANTOR_DEV_JSON, 'utf8'));
export const base = dev.base_url;
export const password = process.env.BROWSER_PASSWORD;
export const newcomerLink = readFileSync(`${process.env.GRANTOR_DATA}/newcomer`, 'utf8').match(/\/set-password\/\S+/)[0];

/** Who signs in as what. */
export const people = {
  ...dev.users,
  leaver: dev.users.developer, // signs out, and must not take another's session along
  full: { email: 'admin@full.test', password },
  empty: { email: 'admin@empty.test', password },
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => [`journey${i}`, { email: `journey${i}@acme.test`, password }])),
  ...Object.fromEntries([1, 2].map((i) => [`leaving${i}`, { email: `leaving${i}@acme.test`, password }])),
};

async function ask(path, init) {
  const answer = await fetch(base + path, init);
  if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

const form = (fields, headers = {}) => ({ method: 'POST', headers, body: new URLSearchParams(fields) });
const basic = (app) => ({ authorization: `Basic ${Buffer.from(`${app.client_id}:${app.client_secret}`).toString('base64')}` });

let token;
/** A call of the management API. */
export async function api(method, path, body) {
  token ??= (await ask('/token', form({ grant_type: 'client_credentials' }, basic(dev.apps.manager)))).access_token;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return ask(`/api/v1/orgs/acme${path}`, { method, headers, body: body && JSON.stringify(body) });
}

/** Redeems a code of the demo's single-page app. */
export async function redeem(code, address) {
  const fields = { grant_type: 'authorization_code', code, redirect_uri: address, client_id: dev.apps.spa.client_id, code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' };
  return (await fetch(`${base}/token`, form(fields))).status;
}

/** An app that asks for tokens; the answers are not of interest, only that they were given. */
const asks = (app, fields) => fetch(`${base}/token`, form({ grant_type: 'client_credentials', ...fields }, basic(app)));

/** Where the apps of this suite wait for people to come back: any port of the loopback address is as good as the registered one. */
export async function callback() {
  const came = [];
  const server = createServer((request, answer) => {
    came.push(new URL(request.url, 'http://127.0.0.1').searchParams);
    answer.setHeader('content-type', 'text/html').end('<!doctype html><html lang="en"><title>Back</title><link rel="icon" href="data:,"><h1>Back at the app</h1>');
  }).listen(0, '127.0.0.1').unref();
  await new Promise((ready) => server.once('listening', ready));
  const address = `http://127.0.0.1:${server.address().port}/callback`;
  return { address, came, close: () => { server.closeAllConnections(); server.close(); } };
}

/** The address that begins the code flow of the demo's single-page app. */
export function authorize(extra = {}) {
  const query = new URLSearchParams({
    response_type: 'code', client_id: dev.apps.spa.client_id, redirect_uri: dev.apps.spa.redirect_uri, scope: 'projects:read billing:write',
    state: 'xyz', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256', ...extra,
  });
  return `/authorize?${query}`;
}

/** Makes what the pages show: apps with keys, with a migration, with requests, with a long name, disabled; an open invitation. */
export async function populate() {
  const key = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
  const keyed = await api('POST', '/apps', { kind: 'm2m', name: 'Nightly export', description: 'Copies the projects into the warehouse.', scopes: ['projects:read', 'reports:read'] });
  await api('POST', `/apps/${keyed.client_id}/keys`, { key: key() });
  const moving = await api('POST', '/apps', { kind: 'm2m', name: 'Billing bridge', scopes: ['billing:write'] });
  await api('POST', `/apps/${moving.client_id}/migration`, { direction: 'secret_to_key', public_key: key() });
  const long = await api('POST', '/apps', {
    kind: 'web', name: 'Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüsselverwaltung', scopes: ['projects:read', 'projects:write'],
    description: 'Keeps the keys of every captain’s cabin, in ports large and small, and knows which of them is lent to whom and until when.',
    redirect_uris: ['https://keys.example.test/oauth/callback/with/a/rather/long/path/that/does/not/end/before/the/line/does'],
    links: { privacy_policy_url: 'https://keys.example.test/privacy', terms_of_service_url: 'https://keys.example.test/terms' },
  });
  await api('POST', `/apps/${long.client_id}/disable`);
  await asks(dev.apps.m2m, { scope: 'projects:read' });
  const refused = await asks(dev.apps.m2m, { scope: 'no:such' });
  await asks({ ...dev.apps.m2m, client_secret: 'grs_wrong' }, {});
  await asks(dev.apps.web, { grant_type: 'authorization_code', code: 'x', redirect_uri: dev.apps.web.redirect_uri });
  const gone = await api('POST', '/apps', { kind: 'm2m', name: 'No longer needed' });
  await api('DELETE', `/apps/${gone.client_id}`);
  await api('POST', '/people', { email: 'invited@acme.test', role: 'developer' });
  return { keyed, moving, long, refused: refused.headers.get('x-request-id') };
}

/** The link in the newest mail to `email`: `grantor dev` writes mail into a folder. */
export async function mailed(email) {
  const folder = `${process.env.GRANTOR_DATA}/mail`;
  for (let tries = 0; tries < 50; tries += 1) {
    const mails = (() => { try { return readdirSync(folder).sort().reverse(); } catch { return []; } })();
    for (const name of mails) {
      const text = readFileSync(`${folder}/${name}`, 'utf8').replace(/=\r?\n/g, '').replace(/=3D/g, '=');
      const link = text.includes(email) && text.match(/https?:\/\/\S+\/(?:invitations|set-password)\/[\w-]+/);
      if (link) return link[0];
    }
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error(`no mail to ${email}`);
}
