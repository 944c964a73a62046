// Which addresses stand for each page of docs/ROUTES.md. A page that is not here fails the walk until somebody adds it.
import { authorize, dev, newcomerLink, people } from './world.js';
import { addSecret, age, allowLate, invite, refuse, sendLate, signOut, tryApp, wizard } from './ways.js';

const org = '/orgs/acme/apps';
const nothing = '01890000-0000-7000-8000-000000000000';
const app = (world, word = '') => `${org}/${world.client_id}${word && `/${word}`}`;

const long = 'x'.repeat(70);
/** A page on which the form with `button` was refused for these values; `before`: what leads to the form. */
const refusal = (name, as, path, button, values, more = {}) => ({
  name, as, path, refused: true, shot: false, ...more,
  do: async (page) => {
    await more.before?.(page);
    await refuse(page, button, values);
  },
});

/** `as`: who looks (nobody without it). `path`: the address. `do`: what is done there first; `fresh`: it can be done once only; `refused`: a form of
 * it was refused. */
export const catalogue = {
  '/': [{ name: 'home', as: 'owner', path: () => '/' }],
  '/login': [
    { name: 'login', path: () => '/login', shot: 'narrow' },
    { name: 'login-refused', path: () => '/login', do: async (page) => {
      await page.getByLabel('Email').fill('nobody@acme.test');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').first().waitFor();
    } },
    { name: 'login-kept', as: 'admin', path: () => app(dev.apps.web, 'settings'), do: sendLate, shot: 'narrow' },
    { name: 'login-to-app', path: () => authorize() },
    { name: 'logged-out', as: 'leaver', fresh: true, path: () => '/account', do: signOut },
  ],
  '/errors/{code}': [{ name: 'error-code', path: () => '/errors/invalid_grant', shot: 'narrow' }],
  '/docs/api': [{ name: 'api-reference', path: () => '/docs/api' }],
  '/problems/{name}': [{ name: 'problem', path: () => '/problems/app-limit-reached', shot: false }],
  '/consent/{id}': [
    { name: 'consent', as: 'member', path: () => authorize(), shot: 'narrow' },
    { name: 'consent-verified', as: 'member', path: () => authorize({ client_id: dev.apps.web.client_id, redirect_uri: dev.apps.web.redirect_uri, scope: 'projects:read' }) },
    { name: 'consent-confirm', as: 'journey9', path: () => authorize(), do: async (page) => { age(people.journey9.email); await allowLate(page); }, shot: 'narrow' },
    { name: 'consent-outsider', as: 'empty', path: () => authorize(), status: 403 },
    { name: 'authorize-error', as: 'owner', path: () => authorize({ redirect_uri: 'https://evil.example.test/' }), status: 400 },
    { name: 'authorize-error-anyone', path: () => authorize({ client_id: 'nobody' }), status: 400, shot: false },
  ],
  '/set-password/{link}': [
    { name: 'set-password', path: () => newcomerLink },
    refusal('set-password-refused', undefined, () => newcomerLink, 'Set password', { new_password: 'short' }),
    { name: 'set-password-gone', path: () => '/set-password/x', status: 404 },
  ],
  '/forgot': [{ name: 'forgot', path: () => '/forgot' }],
  '/invitations/{link}': [
    { name: 'invitation', path: (world) => world.invitation },
    refusal('invitation-refused', undefined, (world) => world.invitation, 'Make account and join', { name: '', new_password: 'short' }),
    { name: 'invitation-gone', path: () => '/invitations/x', status: 404 },
  ],
  '/account': [
    { name: 'account', as: 'admin', path: () => '/account', shot: 'narrow' },
    refusal('account-refused', 'admin', () => '/account', 'Change password', { current_password: 'x', new_password: 'short' }),
  ],
  '/account/apps': [
    { name: 'connected-apps', as: 'owner', path: () => '/account/apps', shot: 'narrow' },
    { name: 'connected-apps-none', as: 'empty', path: () => '/account/apps' },
  ],
  '/orgs/{slug}/apps': [
    { name: 'apps', as: 'admin', path: () => org, shot: 'narrow' },
    { name: 'apps-none', as: 'empty', path: () => '/orgs/empty/apps' },
    { name: 'apps-of-developer', as: 'developer', path: () => org, shot: false },
  ],
  '/orgs/{slug}/apps/new': [
    { name: 'new-app', as: 'admin', path: () => `${org}/new`, shot: 'narrow' },
    { name: 'new-web-app', as: 'admin', path: () => `${org}/new?kind=web` },
    { name: 'new-spa', as: 'admin', path: () => `${org}/new?kind=spa`, shot: false },
    refusal('new-app-refused', 'admin', () => `${org}/new?kind=web`, /^Continue/, { name: ' ', privacy_policy_url: 'javascript:x' }),
    refusal('new-app-access-refused', 'admin', () => `${org}/new?kind=web`, /^Continue/, { redirect_uris: 'http://app.example.test/#x' }, {
      before: (page) => wizard(page, 'web', 'Harbour board', 1), shot: 'narrow',
    }),
    { name: 'new-app-access', as: 'admin', path: () => `${org}/new?kind=web`, do: (page) => wizard(page, 'web', 'Harbour board', 1) },
    { name: 'new-app-limits', as: 'admin', path: () => `${org}/new?kind=web`, do: (page) => wizard(page, 'web', 'Harbour board', 2) },
    { name: 'new-app-review', as: 'admin', path: () => `${org}/new?kind=web`, do: (page) => wizard(page, 'web', 'Harbour board', 3), shot: 'narrow' },
    { name: 'new-machine-app', as: 'admin', path: () => `${org}/new?kind=m2m`, shot: false },
    { name: 'quota', as: 'full', path: () => '/orgs/full/apps/new', status: [200, 409] },
  ],
  // A step's address without its form leads back to the beginning.
  '/orgs/{slug}/apps/new/details': [{ name: 'new-details-alone', as: 'admin', path: () => `${org}/new/details`, shot: false }],
  '/orgs/{slug}/apps/new/access': [{ name: 'new-access-alone', as: 'admin', path: () => `${org}/new/access`, shot: false }],
  '/orgs/{slug}/apps/new/limits': [{ name: 'new-limits-alone', as: 'admin', path: () => `${org}/new/limits`, shot: false }],
  '/orgs/{slug}/apps/new/review': [{ name: 'new-review-alone', as: 'admin', path: () => `${org}/new/review`, shot: false }],
  '/orgs/{slug}/apps/deleted': [{ name: 'apps-deleted', as: 'admin', path: () => `${org}/deleted`, shot: 'narrow' }],
  '/orgs/{slug}/apps/{client_id}': [{ name: 'app', as: 'admin', path: () => app(dev.apps.web), shot: false }],
  '/orgs/{slug}/apps/{client_id}/settings': [
    { name: 'settings-web', as: 'admin', path: () => app(dev.apps.web, 'settings'), shot: 'narrow' },
    refusal('settings-refused', 'admin', () => app(dev.apps.web, 'settings'), /^Save settings/, { name: ' ', redirect_uris: 'https://*.example.test/' }, { shot: 'narrow' }),
    refusal('settings-logo-refused', 'admin', () => app(dev.apps.web, 'settings'), 'Use this picture', { logo: Buffer.from('<svg/>') }),
    refusal('settings-name-refused', 'admin', () => app(dev.apps.web, 'settings'), /^Delete application/, { confirm_name: 'another' }),
    { name: 'settings-spa', as: 'admin', path: () => app(dev.apps.spa, 'settings'), shot: false },
    { name: 'settings-machine', as: 'admin', path: () => app(dev.apps.m2m, 'settings'), shot: false },
    { name: 'settings-disabled-long', as: 'admin', path: (world) => app(world.long, 'settings'), shot: 'narrow' },
    { name: 'settings-read-only', as: 'developer', path: () => app(dev.apps.web, 'settings'), shot: false },
  ],
  '/orgs/{slug}/apps/{client_id}/credentials': [
    { name: 'credentials-web', as: 'admin', path: () => app(dev.apps.web, 'credentials') },
    { name: 'credentials-machine', as: 'admin', path: (world) => app(world.keyed, 'credentials'), shot: 'narrow' },
    { name: 'credentials-spa', as: 'admin', path: () => app(dev.apps.spa, 'credentials') },
    refusal('secret-refused', 'admin', () => app(dev.apps.m2m, 'credentials'), /^Add secret/, { note: long }),
    refusal('secret-note-refused', 'admin', () => app(dev.apps.m2m, 'credentials'), 'Save', { note: long }, { shot: 'narrow' }),
    refusal('key-set-refused', 'admin', () => app(dev.apps.m2m, 'credentials'), 'Save address', { jwks_uri: 'http://keys.example.test/' }),
    refusal('service-refused', 'admin', () => app(dev.apps.m2m, 'credentials'), /^Create service credentials/, { note: long }),
    { name: 'secret-once', as: 'admin', path: (world) => app(world.keyed, 'credentials'), do: addSecret, fresh: true },
  ],
  '/orgs/{slug}/apps/{client_id}/credentials/keys/new': [
    { name: 'new-key', as: 'admin', path: (world) => app(world.keyed, 'credentials/keys/new'), shot: 'narrow' },
    refusal('new-key-refused', 'admin', (world) => app(world.keyed, 'credentials/keys/new'), /^Add key/, { key: 'x', note: 'Build server' }),
    refusal('new-key-too-large', 'admin', (world) => app(world.keyed, 'credentials/keys/new'), /^Add key/, { file: Buffer.alloc(40_000), note: 'Build server' }, { shot: 'narrow' }),
  ],
  '/orgs/{slug}/apps/{client_id}/credentials/check': [
    { name: 'check-assertion', as: 'developer', path: (world) => app(world.keyed, 'credentials/check') },
    refusal('check-assertion-refused', 'developer', (world) => app(world.keyed, 'credentials/check'), 'Check', { assertion: ' ' }),
  ],
  '/orgs/{slug}/apps/{client_id}/activity': [
    { name: 'activity', as: 'admin', path: () => app(dev.apps.m2m, 'activity'), shot: 'narrow' },
    { name: 'activity-waiting', as: 'admin', path: (world) => app(world.moving, 'activity') },
    { name: 'activity-people', as: 'admin', path: () => app(dev.apps.spa, 'activity'), shot: false },
  ],
  '/orgs/{slug}/apps/{client_id}/activity/{id}': [{ name: 'request', as: 'admin', path: (world) => app(dev.apps.m2m, `activity/${world.refused}`), shot: 'narrow' }],
  '/orgs/{slug}/apps/{client_id}/quickstart': [
    { name: 'quickstart', as: 'admin', path: () => app(dev.apps.web, 'quickstart'), shot: 'narrow' },
    { name: 'quickstart-machine', as: 'developer', path: () => app(dev.apps.m2m, 'quickstart'), shot: false },
  ],
  '/orgs/{slug}/apps/{client_id}/quickstart/try': [
    { name: 'tried', as: 'admin', path: () => app(dev.apps.m2m, 'quickstart'), do: tryApp, fresh: true },
    { name: 'try-over', as: 'admin', path: () => app(dev.apps.web, 'quickstart/try'), shot: false },
  ],
  '/orgs/{slug}/apps/{client_id}/migration': [
    { name: 'migration', as: 'admin', path: () => app(dev.apps.m2m, 'migration') },
    { name: 'migration-running', as: 'admin', path: (world) => app(world.moving, 'migration'), shot: 'narrow' },
    refusal('migration-refused', 'admin', () => app(dev.apps.web, 'migration'), /^Start migration/, { public_key: 'x' }),
    refusal('migration-name-refused', 'admin', (world) => app(world.moving, 'migration'), /^Complete and delete/, { confirm_name: 'another' }),
    { name: 'migration-nothing', as: 'admin', path: () => app(dev.apps.spa, 'migration'), shot: false },
  ],
  '/orgs/{slug}/development': [
    { name: 'development-tokens', as: 'developer', path: () => '/orgs/acme/development', shot: 'narrow' },
    refusal('development-tokens-refused', 'developer', () => '/orgs/acme/development', 'Get a token', { scopes: false }),
  ],
  '/orgs/{slug}/people': [
    { name: 'people', as: 'owner', path: () => '/orgs/acme/people', shot: 'narrow' },
    { name: 'people-none-found', as: 'owner', path: () => '/orgs/acme/people?q=zzzz', shot: false },
    refusal('people-refused', 'owner', () => '/orgs/acme/people', /Make a link|Send invitation/, { email: 'nobody' }),
    { name: 'people-invited', as: 'owner', path: () => '/orgs/acme/people', do: (page) => invite(page, 'shown@acme.test'), shot: false },
  ],
  '/orgs/{slug}/audit': [
    { name: 'audit', as: 'owner', path: () => '/orgs/acme/audit', shot: 'narrow' },
    { name: 'audit-refused', as: 'owner', path: () => '/orgs/acme/audit?from=soon', status: 422, refused: true, shot: false },
    { name: 'audit-none-found', as: 'owner', path: () => '/orgs/acme/audit?actor=zzzz', shot: false },
  ],
};

/** Pages that no route stands for. */
export const errors = [
  { name: 'error-not-found', as: 'admin', path: () => `${org}/nobody`, status: 404 },
  { name: 'error-forbidden', as: 'member', path: () => org, status: 403 },
  { name: 'error-question-gone', as: 'member', path: () => `/consent/${nothing}`, status: 404, shot: false },
];

/** Addresses that answer with no page of their own. */
export const pageless = ['/orgs/{slug}/apps/{client_id}/activity/newest'];
