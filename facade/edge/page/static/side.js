// The side of the page: earlier conversations, who is signed in, language and appearance.

import { fill, h } from "./dom.js";
import { icon, mark } from "./icons.js";
import { prefsView } from "./prefs.js";
import { allowance } from "./turn.js";
import { ourName, t } from "./words.js";

/** The list of conversations, by day. */
export function historyView(conversations, current, next, acts) {
  const place = h("nav", { class: "history", "aria-label": t("history") });
  if (!conversations.length) return fill(place, h("p", { class: "soft small" }, t("nothingYet")));
  const groups = new Map();
  for (const each of conversations) {
    const day = dayOf(each.updated_at);
    groups.set(day, [...(groups.get(day) ?? []), each]);
  }
  const lists = [...groups].map(
    ([day, items]) => [h("h2", {}, t(day)), h("ul", {}, items.map((item) => entry(item, current, acts)))],
  );
  const more = next ? h("button", { type: "button", class: "ghost", on: { click: acts.more } }, t("more")) : null;
  return fill(place, lists, more);
}

function entry(item, current, acts) {
  const here = item.id === current;
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "entry", "aria-current": here ? "true" : null, on: { click: () => acts.open(item.id) } },
      h("span", { dir: "auto" }, item.title || t("untitled")),
    ),
  );
}

function dayOf(iso) {
  const start = new Date();
  start.setHours(0, 0, 0, 0);
  const age = start - new Date(iso);
  return age <= 0 ? "today" : age <= 86400000 ? "yesterday" : "earlier";
}

/** The whole side. */
export function sideView(app, acts) {
  return [
    h(
      "div",
      { class: "side-head" },
      mark(),
      h("span", { class: "brand" }, ourName()),
      h(
        "button",
        { type: "button", class: "round small only-narrow", "aria-label": t("closeMenu"), on: { click: acts.close } },
        icon("close"),
      ),
    ),
    h(
      "button",
      { type: "button", class: "secondary wide new-chat", on: { click: acts.fresh } },
      icon("plus"),
      h("span", {}, t("newChat")),
    ),
    h("div", { class: "history-place" }, historyView(app.conversations, app.conversation, app.next, acts)),
    h("div", { class: "side-foot" }, meView(app.me, acts), prefsView(acts.redraw)),
  ];
}

function meView(me, acts) {
  return h(
    "section",
    { class: "me", "aria-label": t("account") },
    h(
      "div",
      { class: "me-line" },
      h("span", { class: "avatar", "aria-hidden": "true" }, [...me.user][0]?.toUpperCase() ?? "?"),
      h("div", {}, h("strong", {}, me.user), h("span", { class: "soft small" }, `${me.tenant} · ${me.tier}`)),
      h(
        "button",
        {
          type: "button",
          class: "round small",
          title: t("signOut"),
          "aria-label": t("signOut"),
          on: { click: acts.signOut },
        },
        icon("out"),
      ),
    ),
    me.tenants.length > 1 ? tenantPicker(me, acts) : null,
    me.limits.length ? h(
      "details",
      { class: "limits" },
      h("summary", {}, icon("clock"), h("span", {}, t("limits")), icon("down")),
      h("ul", {}, me.limits.map(standing)),
    ) : null,
  );
}

function standing(limit) {
  const left = t("left", { name: limit.name, left: limit.remaining, amount: limit.amount });
  return h(
    "li",
    {},
    h("span", {}, allowance(limit)),
    h(
      "meter",
      {
        min: 0,
        max: limit.amount,
        low: limit.amount * 0.2,
        optimum: limit.amount,
        value: limit.remaining,
        "aria-label": left,
      },
    ),
    h("small", {}, left),
  );
}

function tenantPicker(me, acts) {
  const options = me.tenants.map((each) => h("option", { value: each, selected: each === me.tenant }, each));
  const change = (event) => acts.actFor(event.currentTarget.value);
  return h("label", { class: "tenant-picker" }, h("span", {}, t("tenant")), h("select", { on: { change } }, options));
}
