// Signing in: authorization code with PKCE, through a redirect. What must survive it lies in the session's storage
// under one name and is taken away at once when we are back; the token itself never leaves this page's memory.
// Source: OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9207.

import { redeem } from "./api.js";

const KEPT = "facade.sign-in";
const ME = location.origin + location.pathname;

/** Go to an issuer. `back`: what to continue with afterwards (a conversation and unsent words). */
export async function leaveFor(offer, back) {
  const [state, nonce, verifier] = [random(24), random(24), random(48)];
  const url = new URL(offer.authorization_url);
  const asked = {
    ...offer.parameters,
    response_type: "code",
    client_id: offer.client_id,
    redirect_uri: ME,
    scope: offer.scope,
    state,
    nonce,
    code_challenge: await challenge(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  sessionStorage.setItem(KEPT, JSON.stringify({ issuer: offer.issuer, state, nonce, verifier, back }));
  location.assign(url.href);
}

/** True when this browser can make a challenge here: it does so over https and on this machine alone. */
export function possible() {
  return globalThis.isSecureContext && Boolean(globalThis.crypto?.subtle);
}

/** Back from an issuer: `{token, back}`, or null when we were not there. The address is clean afterwards.
 *  Throws what was wrong; `back` goes with it where it is known, and `refused` when the issuer said no. */
export async function returned() {
  const given = new URLSearchParams(location.search);
  const kept = taken();
  if (!given.has("state") || !(given.has("code") || given.has("error"))) return null;
  history.replaceState(null, "", location.pathname);
  if (!kept || given.get("state") !== kept.state) throw new Error("another state");
  if (given.has("iss") && given.get("iss") !== kept.issuer) throw new Error("another issuer");
  const { issuer, verifier, nonce, back } = kept;
  if (given.has("error")) throw Object.assign(new Error(given.get("error").slice(0, 80)), { back, refused: true });
  try {
    const told = await redeem({ issuer, verifier, nonce, code: given.get("code"), redirect_uri: ME });
    return { token: told.token, back };
  } catch (error) {
    throw Object.assign(error, { back });
  }
}

function taken() {
  const text = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function random(bytes) {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

async function challenge(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
