// Conversations of before: listed, opened, begun anew.

import { announce } from "./dom.js";
import { drawHistory, menu, showTrouble } from "./frame.js";
import { api, app, parts } from "./state.js";
import { drawThread, titleNow } from "./thread.js";

/** Begin a new conversation. */
export function fresh() {
  Object.assign(app, { conversation: null, turns: [], earlier: 0, busy: false, opening: app.opening + 1 });
  menu(false);
  drawHistory();
  drawThread();
  parts.composer.field.focus();
}

/** List the next ones. */
export async function list() {
  const { me } = app;
  try {
    const cursor = app.next ? `&cursor=${encodeURIComponent(app.next)}` : "";
    const told = await api.get(`/conversations?limit=30${cursor}`);
    if (me.user !== app.me?.user || me.tenant !== app.me.tenant) return;
    const known = new Set(app.conversations.map((each) => each.id));
    app.conversations.push(...told.conversations.filter((each) => !known.has(each.id)));
    app.next = told.next;
    drawHistory();
  } catch (error) {
    showTrouble(error);
  }
}

/** Show one. */
export async function open(id) {
  const number = (app.opening += 1);
  menu(false);
  try {
    const told = await api.get(`/conversations/${encodeURIComponent(id)}`);
    if (number !== app.opening) return;
    Object.assign(app, { conversation: id, earlier: told.earlier, turns: told.turns.map(keptTurn), busy: false });
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
    facade: {
      plan: told.plan,
      calls: told.calls,
      approval: told.approval ?? undefined,
      choices: last ? told.choices : [],
    },
  };
}
