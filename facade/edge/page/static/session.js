// Signed in or not: who it is, when it ends, and how to go on.

import { announce, everySecond, fill, h } from "./dom.js";
import { drawSide, frameView, menu, showTrouble } from "./frame.js";
import { fresh, list, open } from "./history.js";
import { icon } from "./icons.js";
import { api, app, parts } from "./state.js";
import { drawThread, send } from "./thread.js";
import { settle } from "./values.js";
import { failureWords, tenantsView, waysIn, welcomeView } from "./welcome.js";
import { lasting, ourName, t } from "./words.js";

const SOON_S = 120;
const root = document.getElementById("app");

app.onExpired = expire;

/** Use a token: who is it, and what did it talk about before? */
export async function signedIn(token, back = null) {
  const again = app.me;
  api.use(token);
  try {
    const tenant = again?.tenant ?? back?.tenant ?? "";
    const wanted = await tenantFor(token, tenant);
    if (wanted === null) return undefined;
    api.actFor(wanted);
    app.me = await api.get("/me");
  } catch (error) {
    api.use("");
    app.failure = error;
    return again ? drawSession() : draw();
  }
  const other = again && (again.tenant !== app.me.tenant || again.user !== app.me.user);
  Object.assign(app, { failure: null, expired: false });
  settle(app.me);
  watchExpiry();
  if (again && !other) {
    drawSession();
    drawSide();
    parts.composer.field.focus();
    return undefined;
  }
  forget();
  draw(back?.draft ?? "");
  await list();
  return back?.conversation ? open(back.conversation) : undefined;
}

/** The tenant to act for: the one before, or the only one. With several, null, and the user is asked. */
async function tenantFor(token, before) {
  const { tenants } = await api.get("/tenants");
  if (tenants.length < 2) return "";
  if (tenants.includes(before)) return before;
  const choose = (tenant) => signedIn(token, { tenant });
  fill(root, tenantsView({ tenants, choose, redraw: () => signedIn(token) }));
  document.querySelector(".tenants button").focus();
  return null;
}

/** Act for another tenant of the same token; nothing of the one before stays on the screen. */
async function actFor(tenant) {
  forget();
  api.actFor(tenant);
  try {
    app.me = await api.get("/me");
  } catch (error) {
    api.actFor(app.me.tenant);
    showTrouble(error);
  }
  settle(app.me);
  draw("");
  await list();
}

function signOut() {
  api.use("");
  api.actFor("");
  forget();
  Object.assign(app, { me: null, expired: false, failure: null, back: null });
  draw("");
}

/** Nothing of one user is left for the next; what is under way for it finds its turns gone. */
function forget() {
  const opening = app.opening + 1;
  Object.assign(
    app,
    { conversation: null, conversations: [], next: null, turns: [], earlier: 0, busy: false, opening },
  );
}

function expire() {
  if (!app.me || app.expired) return;
  app.expired = true;
  api.use("");
  drawSession();
  announce(t("expiredTitle"));
}

function watchExpiry() {
  if (!app.me.expires_at) return;
  const me = app.me;
  const ends = Date.parse(me.expires_at);
  everySecond(() => {
    if (app.me !== me || app.expired) return false;
    const left = (ends - Date.now()) / 1000;
    if (left <= 0) expire();
    else if (left <= SOON_S) drawSession(left);
    return left > 0;
  });
}

/** Everything anew: at the beginning, after signing in or out, and in another language. */
export function draw(draft = parts.composer?.field.value ?? "") {
  document.title = ourName();
  if (!app.me) {
    delete parts.composer;
    const onToken = (token) => signedIn(token, app.back);
    fill(root, welcomeView({ failure: app.failure, onToken, redraw: () => draw(), back: () => app.back }));
    return;
  }
  fill(root, frameView(acts, draft));
  drawSide();
  drawThread();
  drawSession();
  if (matchMedia("(pointer: fine)").matches) parts.composer.field.focus();
}

const acts = {
  send,
  fresh,
  open,
  more: list,
  close: () => menu(false),
  signOut,
  actFor,
  redraw: () => {
    draw();
    document.querySelector('[data-pref="language"]')?.focus();
  },
};

/** What stands between the thread and the composer when the session has ended, or is about to. */
function drawSession(left = null) {
  if (app.expired) {
    if (parts.session.querySelector(".session-ended")) return;
    const { tenant } = app.me;
    const back = () => ({ conversation: app.conversation, draft: parts.composer.field.value, tenant });
    const failure = app.failure ? h("p", { role: "alert" }, failureWords(app.failure)) : null;
    app.failure = null;
    fill(
      parts.session,
      h(
        "section",
        { class: "session-ended notice limit", role: "alert" },
        icon("key"),
        h(
          "div",
          {},
          h("strong", {}, t("expiredTitle")),
          h("p", {}, t("expiredText")),
          failure,
          waysIn({ onToken: (token) => signedIn(token), back }),
        ),
      ),
    );
  } else if (left !== null) {
    fill(
      parts.session,
      h("p", { class: "soft small session-soon" }, icon("clock"), t("expiresSoon", { time: lasting(left) })),
    );
  } else {
    fill(parts.session);
  }
}
