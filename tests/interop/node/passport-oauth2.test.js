// passport-oauth2 inside a real Express app, with and without PKCE.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import { Browser } from './browser.js';
import { dev, scope } from './dev.js';

const app = express();
let server;
let origin;

function strategy(pkce) {
  return new OAuth2Strategy(
    {
      authorizationURL: `${dev.base_url}/authorize`,
      tokenURL: `${dev.base_url}/token`,
      clientID: dev.apps.web.client_id,
      clientSecret: dev.apps.web.client_secret,
      callbackURL: `${origin}${new URL(dev.apps.web.redirect_uri).pathname}`,
      scope,
      scopeSeparator: ' ',
      state: true,
      pkce,
    },
    (accessToken, refreshToken, params, _profile, done) => done(null, { accessToken, refreshToken, params }),
  );
}

before(async () => {
  app.use(session({ secret: 'only for this test', resave: false, saveUninitialized: false }));
  let current = 'plain';
  app.get('/start/:name', (request, response, next) => {
    current = request.params.name;
    passport.authenticate(current, { session: false })(request, response, next);
  });
  app.get(new URL(dev.apps.web.redirect_uri).pathname, (request, response, next) => {
    passport.authenticate(current, { session: false })(request, response, () => response.json(request.user));
  });
  app.use((error, _request, response, _next) => response.status(500).json({ message: error.message, body: error.oauthError?.data }));
  await new Promise((resolve) => { server = app.listen(0, '127.0.0.1', resolve); });
  origin = `http://127.0.0.1:${server.address().port}`;
  passport.use('plain', strategy(false));
  passport.use('pkce', strategy(true));
});

after(() => server.close());

/** Signs in through the Express app as `person`; returns what passport got. */
async function signIn(name, person) {
  const start = await fetch(`${origin}/start/${name}`, { redirect: 'manual' });
  const cookie = start.headers.getSetCookie()[0].split(';')[0];
  const callback = await new Browser(dev.base_url).approve(start.headers.get('location'), person);
  const answer = await fetch(callback, { headers: { cookie } });
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  return body;
}

function refresh(token) {
  return new Promise((resolve, reject) => {
    passport._strategy('plain')._oauth2.getOAuthAccessToken(token, { grant_type: 'refresh_token' }, (error, accessToken, refreshToken) =>
      error ? reject(error) : resolve({ accessToken, refreshToken }));
  });
}

describe('passport-oauth2', () => {
  for (const name of ['plain', 'pkce']) {
    test(`signs in ${name === 'pkce' ? 'with' : 'without'} PKCE, refreshes three times, and a replay ends the family`, async () => {
      const user = await signIn(name, dev.users.developer);
      assert.equal(user.params.token_type, 'Bearer');
      assert.equal(user.params.scope, scope);
      const tokens = [user.refreshToken];
      for (let round = 0; round < 3; round += 1) tokens.push((await refresh(tokens.at(-1))).refreshToken);
      assert.equal(new Set(tokens).size, 4);
      await assert.rejects(refresh(tokens[0]), (error) => JSON.parse(error.data).error === 'invalid_grant');
      await assert.rejects(refresh(tokens.at(-1)), (error) => JSON.parse(error.data).error === 'invalid_grant');
    });
  }
});
