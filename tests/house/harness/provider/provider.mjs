// An OpenID Connect provider of somebody else's making (oidc-provider), on this machine, for tests. Whoever signs in is
// whose address they type; no password. The first words of an address say what the provider does wrong, if anything.
//
//   node provider.mjs REDIRECT_URI SECONDS WHERE
//
// SECONDS: how far its clock is ahead of this machine's. WHERE it says somebody's address: in the `token`, or when `asked`.
//
// Prints its issuer once it listens, and ends when its input ends.

import http from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// Nobody reads more than the issuer there.
console.log = console.info = console.error;

const [redirect, ahead, where] = process.argv.slice(2);
const real = Date.now;
Date.now = () => real() + Number(ahead) * 1000;

// The package lies in a cache outside of the repository, so it is found from the working directory.
const found = createRequire(`${process.cwd()}/`).resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(found));

const server = http.createServer();
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
    clients: [{
        client_id: 'holdspace',
        client_secret: 'a secret of tests: 100% private',
        redirect_uris: [redirect],
        response_types: ['code'],
        grant_types: ['authorization_code'],
    }],
    pkce: { required: () => true },
    conformIdTokenClaims: where === 'asked',
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['only for tests'] },
    interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
    findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: id.replace(/^unverified:/, ''), email_verified: !id.startsWith('unverified:') }),
    }),
    // Nobody is asked whether Holdspace may know the address: an institution's own programs may.
    loadExistingGrant: async ctx => {
        const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
        grant.addOIDCScope('openid email');
        await grant.save();
        return grant;
    },
});

const page = `<!doctype html><html lang="en"><title>Example Health</title>
<link rel="icon" href="data:,"><main><h1>Example Health</h1><form method="post">
<label>User name <input name="login"></label> <button>Go on</button></form></main></html>`;

const answer = provider.callback();
server.on('request', async (request, response) => {
    if (!request.url.startsWith('/login/')) return answer(request, response);
    if (request.method === 'GET') return response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
    const parts = [];
    for await (const part of request) parts.push(part);
    const accountId = new URLSearchParams(Buffer.concat(parts).toString()).get('login');
    await provider.interactionFinished(request, response, { login: { accountId } });
});

process.stdin.on('end', () => process.exit()).resume();
process.stdout.write(`${issuer}\n`);
