// The conversation that is open: its turns, what is said, decided and thought of them.

import { Trouble } from "./api.js";
import { announce, fill, h } from "./dom.js";
import { drawSide, showTrouble } from "./frame.js";
import { icon } from "./icons.js";
import { plain } from "./markdown.js";
import { api, app, parts } from "./state.js";
import { turnView } from "./turn.js";
import { t } from "./words.js";

/** Everything that was said, or a greeting. */
export function drawThread() {
  parts.title.textContent = titleNow();
  if (!app.turns.length) {
    fill(parts.thread, hello());
    return;
  }
  fill(
    parts.thread,
    app.earlier ? h("p", { class: "soft small" }, t("earlierTurns", { count: app.earlier })) : null,
    app.turns.map(place),
  );
  toEnd();
}

/** What the open conversation is called. */
export function titleNow() {
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
  const examples = app.me.examples.map(
    (each) => h(
      "button",
      { type: "button", class: "example", on: { click: () => send(each.title) } },
      h("span", {}, each.title),
      icon("right"),
    ),
  );
  return h(
    "div",
    { class: "hello" },
    h("h2", {}, t("hello")),
    h("p", { class: "soft" }, t("helloText")),
    examples.length ? h("div", { class: "examples", role: "group", "aria-label": t("examples") }, examples) : null,
  );
}

/** Say something; false when that is not possible now. */
export function send(words) {
  if (app.busy || app.expired) return false;
  const turn = {
    status: "waiting",
    said: words,
    at: new Date().toISOString(),
    started: Date.now(),
    facade: {},
    text: "",
    rating: "none",
  };
  if (!app.turns.length) fill(parts.thread);
  app.turns.push(turn);
  parts.thread.append(place(turn));
  if (app.turns.length === 1) parts.title.textContent = words;
  run(turn);
  return true;
}

async function run(turn) {
  const { turns } = app;
  const stopping = new AbortController();
  Object.assign(turn, { status: "waiting", started: Date.now(), limitedUntil: undefined });
  turn.stop = () => stopping.abort();
  app.busy = true;
  redrawTurn(turn);
  toEnd();
  try {
    const told = await api.say(turn.said, app.conversation, stopping.signal);
    Object.assign(turn, { status: "done", text: told.text, facade: told.facade, number: told.facade.turn });
  } catch (error) {
    Object.assign(turn, { status: "failed", trouble: troubleOf(error) });
  }
  // Meanwhile somebody may have opened another conversation, or signed out.
  if (turns !== app.turns) return;
  app.busy = false;
  if (turn.status === "done") {
    remember(turn.facade.conversation);
    announce(turn.facade.approval ? t("proposal") : `${t("answered")} ${firstLine(turn.text)}`);
  }
  await refreshMe();
  redrawTurn(turn);
  toEnd();
}

function troubleOf(error) {
  if (error instanceof Trouble) return error;
  return new Trouble({ code: error.name === "AbortError" ? "stopped" : "cut", message: "" });
}

function firstLine(text) {
  return plain(text.split("\n")[0]);
}

/** Where the limits stand now; asking is free. */
async function refreshMe() {
  const { me } = app;
  try {
    const { limits } = await api.get("/me");
    if (me !== app.me) return;
    me.limits = limits;
    drawSide();
  } catch {
    // The next answer tells it.
  }
}

function remember(id) {
  if (!id) return;
  const isNew = app.conversation !== id;
  app.conversation = id;
  const now = new Date().toISOString();
  const title = app.turns.find((turn) => turn.said)?.said ?? "";
  const known = app.conversations.find((each) => each.id === id) ?? { id, title };
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

/** What a decision came to is a turn of its own; that nothing was changed is told by the proposal. */
function settled(told, decision) {
  if (told.facade.outcome !== "declined") {
    const at = new Date().toISOString();
    const { text, facade } = told;
    const turn = { status: "done", decision: { decision }, at, text, facade, number: facade.turn, rating: "none" };
    app.turns.push(turn);
    parts.thread.append(place(turn));
    announce(firstLine(text));
    toEnd();
  }
  remember(told.facade.conversation);
  refreshMe();
}

const turnActs = {
  me: () => app.me,
  choose: (words) => send(words),
  retry: (turn) => {
    if (app.busy || app.expired) return;
    run(turn);
  },
  decide: async (turn, decision) => {
    const { turns } = app;
    const { approval } = turn.facade;
    try {
      const told = await api.post(`/approvals/${encodeURIComponent(approval.id)}`, { decision });
      approval.state = decision === "approve" ? "done" : "declined";
      if (turns === app.turns) settled(told, decision);
      return decision;
    } catch (error) {
      showTrouble(error);
      return error.status === 409 ? lookAgain(turn) : null;
    }
  },
  rate: async (turn, rating, comment = null) => {
    const conversation = encodeURIComponent(app.conversation);
    try {
      await api.put(`/conversations/${conversation}/turns/${turn.number}/feedback`, { rating, comment });
      turn.rating = rating;
      return true;
    } catch (error) {
      showTrouble(error);
      return false;
    }
  },
};
