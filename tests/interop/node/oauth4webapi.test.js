// oauth4webapi checks every answer strictly: issuer, iss, state, token_type, JSON, cache headers.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { Browser } from './browser.js';
import { dev, scope } from './dev.js';

const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(dev.issuer);
let as;

before(async () => {
  for (const algorithm of ['oauth2', 'oidc']) {
    as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }));
  }
});

async function authorize(client, extra = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: extra.redirect_uri,
    response_type: 'code',
    scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const browser = new Browser(dev.base_url);
  const callback = await browser.approve(url.href, dev.users.member);
  return { parameters: oauth.validateAuthResponse(as, client, callback, state), verifier };
}

async function redeem(client, authentication, redirectUri) {
  const { parameters, verifier } = await authorize(client, { redirect_uri: redirectUri });
  const answer = await oauth.authorizationCodeGrantRequest(as, client, authentication, parameters, redirectUri, verifier, insecure);
  return oauth.processAuthorizationCodeResponse(as, client, answer);
}

async function refresh(client, authentication, token) {
  return oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, authentication, token, insecure));
}

/** The answer of a refresh that must be refused, as the client library reports it. */
async function refusal(client, authentication, token) {
  return refresh(client, authentication, token).then(
    () => assert.fail('a refused token was accepted'),
    (error) => error,
  );
}

async function verified(token, audience) {
  const keys = createRemoteJWKSet(new URL(as.jwks_uri));
  return jwtVerify(token, keys, { issuer: dev.issuer, audience, typ: 'at+jwt', algorithms: ['ES256', 'RS256', 'EdDSA'] });
}

for (const [name, app, authentication] of [
  ['a web app with Basic', dev.apps.web, () => oauth.ClientSecretBasic(dev.apps.web.client_secret)],
  ['a web app with body credentials', dev.apps.web, () => oauth.ClientSecretPost(dev.apps.web.client_secret)],
  ['a single-page app', dev.apps.spa, () => oauth.None()],
]) {
  describe(`oauth4webapi: ${name}`, () => {
    const client = { client_id: app.client_id };

    test('code flow, three refreshes, a replay that ends the family', async () => {
      const first = await redeem(client, authentication(), app.redirect_uri);
      assert.equal(first.scope, scope);
      assert.ok(first.refresh_token_expires_in > 0);
      const { payload } = await verified(first.access_token, dev.api.identifier);
      assert.equal(payload.client_id, client.client_id);
      assert.equal(payload.scope, scope);

      const tokens = [first.refresh_token];
      for (let round = 0; round < 3; round += 1) {
        const next = await refresh(client, authentication(), tokens.at(-1));
        assert.notEqual(next.refresh_token, tokens.at(-1));
        await verified(next.access_token, dev.api.identifier);
        tokens.push(next.refresh_token);
      }
      const replay = await refusal(client, authentication(), tokens[0]);
      assert.equal(replay.error, 'invalid_grant');
      const ended = await refusal(client, authentication(), tokens.at(-1));
      assert.equal(ended.error, 'invalid_grant');
    });

    test('revocation ends the family', async () => {
      const first = await redeem(client, authentication(), app.redirect_uri);
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, authentication(), first.refresh_token, insecure));
      const ended = await refusal(client, authentication(), first.refresh_token);
      assert.equal(ended.error, 'invalid_grant');
    });
  });
}

describe('oauth4webapi: a machine-to-machine app', () => {
  test('client_credentials with Basic and with body credentials', async () => {
    const { client_id, client_secret } = dev.apps.m2m;
    for (const authentication of [oauth.ClientSecretBasic(client_secret), oauth.ClientSecretPost(client_secret)]) {
      const answer = await oauth.clientCredentialsGrantRequest(as, { client_id }, authentication, new URLSearchParams(), insecure);
      const tokens = await oauth.processClientCredentialsResponse(as, { client_id }, answer);
      assert.equal(tokens.refresh_token, undefined);
      const { payload } = await verified(tokens.access_token, dev.api.identifier);
      assert.equal(payload.sub, client_id);
    }
  });

  test('a wrong secret is invalid_client', async () => {
    const { client_id } = dev.apps.m2m;
    const answer = await oauth.clientCredentialsGrantRequest(as, { client_id }, oauth.ClientSecretPost('wrong'), new URLSearchParams(), insecure);
    await assert.rejects(oauth.processClientCredentialsResponse(as, { client_id }, answer), (error) => error.error === 'invalid_client');
  });
});
