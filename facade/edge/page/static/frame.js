// The frame around a conversation: side, title, thread, composer; drawn whole, and its parts anew.

import { Trouble } from "./api.js";
import { composerView } from "./composer.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { historyView, sideView } from "./side.js";
import { app, parts } from "./state.js";
import { requestId } from "./welcome.js";
import { t } from "./words.js";

let acts = {};

/** The frame, empty. `given`: what its buttons do; `send(words)` of the composer among them. */
export function frameView(given, draft) {
  acts = given;
  parts.side = h("aside", { class: "side", id: "side", "aria-label": t("side") });
  parts.thread = h("div", { class: "thread-in" });
  parts.scroll = h("section", { class: "thread", "aria-label": t("conversation"), tabindex: 0 }, parts.thread);
  parts.session = h("div", { class: "session-place" });
  parts.title = h("h1", { class: "top-title" });
  parts.menu = menuButton();
  parts.composer = composerView(acts.send, app.me.max_message_chars, draft);
  const top = h("header", { class: "top" }, parts.menu, parts.title);
  const dock = h("div", { class: "dock" }, parts.session, parts.composer.form);
  return [
    h("a", { class: "skip", href: "#message", on: { click: skip } }, t("skip")),
    h(
      "div",
      { class: "frame" },
      parts.side,
      h("div", { class: "backdrop", on: { click: () => menu(false) } }),
      h("main", { class: "talk" }, top, parts.scroll, dock),
    ),
  ];
}

function menuButton() {
  const dress = { "aria-label": t("menu"), "aria-controls": "side", "aria-expanded": "false" };
  const click = () => menu(true);
  return h("button", { type: "button", class: "round only-narrow", ...dress, on: { click } }, icon("menu"));
}

function skip(event) {
  event.preventDefault();
  parts.composer.field.focus();
}

/** The side anew; what was open in it stays open. */
export function drawSide() {
  const open = parts.side.querySelector(".limits")?.open;
  fill(parts.side, sideView(app, acts));
  if (open) parts.side.querySelector(".limits").open = true;
}

/** The list of conversations anew. */
export function drawHistory() {
  const place = parts.side?.querySelector(".history-place");
  if (place) fill(place, historyView(app.conversations, app.conversation, app.next, acts));
}

/** Open or close the side where it does not stand beside the conversation. */
export function menu(wanted) {
  parts.side.classList.toggle("open", wanted);
  parts.menu.setAttribute("aria-expanded", String(wanted));
  if (wanted) parts.side.querySelector("button").focus();
  else if (parts.side.contains(document.activeElement)) parts.menu.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && parts.side?.classList.contains("open")) menu(false);
});

/** Something that belongs to no turn did not work. */
export function showTrouble(error) {
  if (app.expired) return;
  const words = error instanceof Trouble && error.code !== "offline" ? error.message : t("offline");
  const close = h(
    "button",
    { type: "button", class: "round small", "aria-label": t("closeMenu"), on: { click: () => fill(parts.session) } },
    icon("close"),
  );
  fill(
    parts.session,
    h(
      "div",
      { class: "notice bad", role: "alert" },
      icon("warn"),
      h(
        "div",
        {},
        h("strong", {}, t("errorTitle")),
        h("p", {}, words),
        error.requestId ? requestId(error.requestId) : null,
      ),
      close,
    ),
  );
}
