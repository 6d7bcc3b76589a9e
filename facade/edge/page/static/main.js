// The page: who is signed in, which conversation is open, and what happens next.

import { Api, Trouble } from "./api.js";
import { composerView } from "./composer.js";
import { announce, everySecond, fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { settlePrefs } from "./prefs.js";
import { historyView, sideView } from "./side.js";
import { returned } from "./sign_in.js";
import { plain } from "./markdown.js";
import { turnView } from "./turn.js";
import { settle } from "./values.js";
import { failureWords, requestId, waysIn, welcomeView } from "./welcome.js";
import { lasting, t } from "./words.js";

const SOON_S = 120;

const app = {
  me: null,
  conversation: null,
  conversations: [],
  next: null,
  turns: [],
  busy: false,
  expired: false,
  failure: null,
  back: null,
};
const api = new Api(() => expire());
const root = document.getElementById("app");
const parts = {};

async function begin() {
  settlePrefs();
  document.title = t("title");
  try {
    const back = await returned();
    if (back) return await signedIn(back.token, back.back);
  } catch (error) {
    app.failure = error;
    app.back = error.back ?? null;
  }
  return draw();
}

/** Use a token: who is it, and what did it talk about before? */
async function signedIn(token, back = null) {
  const again = app.me;
  api.use(token);
  try {
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
  Object.assign(app, { conversation: null, turns: [], conversations: [], next: null });
  draw(back?.draft);
  await list();
  return back?.conversation ? open(back.conversation) : undefined;
}

function signOut() {
  api.use("");
  Object.assign(app, { me: null, conversation: null, conversations: [], next: null, turns: [], busy: false, expired: false, failure: null });
  draw();
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
function draw(draft = parts.composer?.field.value ?? "") {
  document.title = t("title");
  if (!app.me) {
    delete parts.composer;
    fill(root, welcomeView({ failure: app.failure, onToken: (token) => signedIn(token, app.back), redraw: () => draw(), back: () => app.back }));
    return;
  }
  parts.side = h("aside", { class: "side", id: "side", "aria-label": t("menu") });
  parts.thread = h("div", { class: "thread-in" });
  parts.scroll = h("section", { class: "thread", "aria-label": t("conversation"), tabindex: 0 }, parts.thread);
  parts.session = h("div", { class: "session-place" });
  parts.title = h("h1", { class: "top-title" });
  parts.menu = h("button", { type: "button", class: "round only-narrow", "aria-label": t("menu"), "aria-controls": "side", "aria-expanded": "false", on: { click: () => menu(true) } }, icon("menu"));
  parts.composer = composerView(send, draft);
  fill(
    root,
    h("a", { class: "skip", href: "#message", on: { click: skip } }, t("skip")),
    h(
      "div",
      { class: "frame" },
      parts.side,
      h("div", { class: "backdrop", on: { click: () => menu(false) } }),
      h("main", { class: "talk" }, h("header", { class: "top" }, parts.menu, parts.title), parts.scroll, h("div", { class: "dock" }, parts.session, parts.composer.form)),
    ),
  );
  drawSide();
  drawThread();
  drawSession();
  if (matchMedia("(pointer: fine)").matches) parts.composer.field.focus();
}

function skip(event) {
  event.preventDefault();
  parts.composer.field.focus();
}

function drawSide() {
  fill(parts.side, sideView(app, sideActs));
}

function drawHistory() {
  const place = parts.side?.querySelector(".history-place");
  if (place) fill(place, historyView(app.conversations, app.conversation, app.next, sideActs));
}

const sideActs = {
  fresh: () => fresh(),
  open: (id) => open(id),
  more: () => list(),
  close: () => menu(false),
  redraw: () => {
    draw();
    document.querySelector('[data-pref="language"]')?.focus();
  },
  signOut,
};

function menu(wanted) {
  parts.side.classList.toggle("open", wanted);
  parts.menu.setAttribute("aria-expanded", String(wanted));
  if (wanted) parts.side.querySelector("button").focus();
  else if (parts.side.contains(document.activeElement)) parts.menu.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && parts.side?.classList.contains("open")) menu(false);
});

function drawThread() {
  parts.title.textContent = titleNow();
  if (!app.turns.length) {
    fill(parts.thread, hello());
    return;
  }
  fill(parts.thread, app.earlier ? h("p", { class: "soft small" }, t("earlierTurns", { count: app.earlier })) : null, app.turns.map(place));
  toEnd();
}

function titleNow() {
  const known = app.conversations.find((each) => each.id === app.conversation);
  return known?.title || app.turns.find((turn) => turn.said)?.said || t("newChat");
}

function place(turn) {
  turn.element = turnView(turn, turnActs);
  return turn.element;
}

function redrawTurn(turn) {
  const before = turn.element;
  before?.replaceWith(place(turn));
}

/** Show the end; of a turn that is taller than the screen its beginning. */
function toEnd() {
  requestAnimationFrame(() => {
    const { scroll } = parts;
    const last = app.turns.at(-1)?.element;
    const tall = last && last.offsetHeight > scroll.clientHeight - 40;
    if (tall) scroll.scrollTop += last.getBoundingClientRect().top - scroll.getBoundingClientRect().top - 12;
    else scroll.scrollTop = scroll.scrollHeight;
  });
}

function hello() {
  const examples = app.me.examples.map((each) => h("button", { type: "button", class: "example", on: { click: () => send(each.title) } }, h("span", {}, each.title), icon("right")));
  return h("div", { class: "hello" }, h("h2", {}, t("hello")), h("p", { class: "soft" }, t("helloText")), examples.length ? h("div", { class: "examples", role: "group", "aria-label": t("examples") }, examples) : null);
}

/** What stands between the thread and the composer when the session has ended, or is about to. */
function drawSession(left = null) {
  if (app.expired) {
    if (parts.session.querySelector(".session-ended")) return;
    const back = () => ({ conversation: app.conversation, draft: parts.composer.field.value });
    const failure = app.failure ? h("p", { role: "alert" }, failureWords(app.failure)) : null;
    app.failure = null;
    fill(parts.session, h("section", { class: "session-ended notice limit", role: "alert" }, icon("key"), h("div", {}, h("strong", {}, t("expiredTitle")), h("p", {}, t("expiredText")), failure, waysIn({ onToken: (token) => signedIn(token), back }))));
  } else if (left !== null) {
    fill(parts.session, h("p", { class: "soft small session-soon" }, icon("clock"), t("expiresSoon", { time: lasting(left) })));
  } else {
    fill(parts.session);
  }
}

function fresh() {
  Object.assign(app, { conversation: null, turns: [], earlier: 0 });
  menu(false);
  drawHistory();
  drawThread();
  parts.composer.field.focus();
}

async function list() {
  try {
    const cursor = app.next ? `&cursor=${encodeURIComponent(app.next)}` : "";
    const told = await api.get(`/conversations?limit=30${cursor}`);
    const known = new Set(app.conversations.map((each) => each.id));
    app.conversations.push(...told.conversations.filter((each) => !known.has(each.id)));
    app.next = told.next;
    drawHistory();
  } catch (error) {
    showTrouble(error);
  }
}

async function open(id) {
  menu(false);
  try {
    const told = await api.get(`/conversations/${encodeURIComponent(id)}`);
    Object.assign(app, { conversation: id, earlier: told.earlier, turns: told.turns.map(keptTurn) });
    drawHistory();
    drawThread();
    announce(titleNow());
  } catch (error) {
    showTrouble(error);
  }
}

function keptTurn(told, index, all) {
  const last = index === all.length - 1;
  return {
    kept: true,
    status: "done",
    said: told.said,
    decision: told.said === null ? told.decision : null,
    at: told.at,
    text: told.text,
    number: told.turn,
    rating: told.feedback?.rating ?? "none",
    facade: { plan: told.plan, calls: told.calls, approval: told.approval ?? undefined, choices: last ? told.choices : [] },
  };
}

/** Something that belongs to no turn did not work. */
function showTrouble(error) {
  if (app.expired) return;
  const words = error instanceof Trouble && error.code !== "offline" ? error.message : t("offline");
  const close = h("button", { type: "button", class: "round small", "aria-label": t("closeMenu"), on: { click: () => fill(parts.session) } }, icon("close"));
  fill(parts.session, h("div", { class: "notice bad", role: "alert" }, icon("warn"), h("div", {}, h("strong", {}, t("errorTitle")), h("p", {}, words), error.requestId ? requestId(error.requestId) : null), close));
}

function send(words) {
  if (app.busy || app.expired) return false;
  const turn = { status: "waiting", said: words, at: new Date().toISOString(), started: Date.now(), facade: {}, text: "", rating: "none" };
  if (!app.turns.length) fill(parts.thread);
  app.turns.push(turn);
  parts.thread.append(place(turn));
  if (app.turns.length === 1) parts.title.textContent = words;
  run(turn);
  return true;
}

async function run(turn) {
  app.busy = true;
  const stopping = new AbortController();
  Object.assign(turn, { status: "waiting", started: Date.now(), stop: () => stopping.abort(), limitedUntil: undefined });
  redrawTurn(turn);
  toEnd();
  try {
    const told = await api.say(turn.said, app.conversation, { signal: stopping.signal, onText: () => {} });
    Object.assign(turn, { status: "done", text: told.text, facade: told.facade, number: told.facade.turn });
    remember(told.facade.conversation);
    announce(turn.facade.approval ? t("proposal") : `${t("answered")} ${plain(turn.text.split("\n")[0])}`);
  } catch (error) {
    const trouble = error instanceof Trouble ? error : error.name === "AbortError" ? new Trouble({ code: "stopped", message: "" }) : new Trouble({ code: "cut", message: "" });
    if (trouble.status === 429) await refreshMe();
    Object.assign(turn, { status: "failed", trouble });
  }
  app.busy = false;
  redrawTurn(turn);
  toEnd();
  if (turn.status === "done") await refreshMe();
}

/** Where the limits stand now; asking is free. */
async function refreshMe() {
  try {
    Object.assign(app.me, { limits: (await api.get("/me")).limits });
    const open = parts.side.querySelector(".limits")?.open;
    drawSide();
    if (open) parts.side.querySelector(".limits").open = true;
  } catch {
    // The next answer tells it.
  }
}

function remember(id) {
  if (!id) return;
  const isNew = app.conversation !== id;
  app.conversation = id;
  const now = new Date().toISOString();
  const known = app.conversations.find((each) => each.id === id) ?? { id, title: app.turns.find((turn) => turn.said)?.said ?? "" };
  app.conversations = [{ ...known, updated_at: now }, ...app.conversations.filter((each) => each.id !== id)];
  if (isNew) parts.title.textContent = titleNow();
}

/** What has become of a proposal that could not be settled; null while it is still open. */
async function lookAgain(turn) {
  const { approval } = turn.facade;
  try {
    const { state, calls } = await api.get(`/approvals/${encodeURIComponent(approval.id)}`);
    Object.assign(approval, { state, calls });
    if (state !== "open") return state;
  } catch {
    return null;
  }
  redrawTurn(turn);
  return null;
}

const turnActs = {
  me: () => app.me,
  choose: (words) => send(words),
  retry: (turn) => {
    if (app.busy || app.expired) return;
    run(turn);
  },
  decide: async (turn, decision) => {
    try {
      const told = await api.post(`/approvals/${encodeURIComponent(turn.facade.approval.id)}`, { decision });
      turn.facade.approval.state = decision === "approve" ? "done" : "declined";
      if (told.facade.outcome !== "declined") {
        const result = { status: "done", decision: { decision }, at: new Date().toISOString(), text: told.text, facade: told.facade, number: told.facade.turn, rating: "none" };
        app.turns.push(result);
        parts.thread.append(place(result));
        announce(plain(told.text.split("\n")[0]));
        toEnd();
      }
      remember(told.facade.conversation);
      refreshMe();
      return decision;
    } catch (error) {
      showTrouble(error);
      return error.status === 409 ? lookAgain(turn) : null;
    }
  },
  rate: async (turn, rating, comment = null) => {
    try {
      await api.put(`/conversations/${encodeURIComponent(app.conversation)}/turns/${turn.number}/feedback`, { rating, comment });
      turn.rating = rating;
      return true;
    } catch (error) {
      showTrouble(error);
      return false;
    }
  },
};

begin();
