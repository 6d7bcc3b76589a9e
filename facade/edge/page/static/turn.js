// One turn on the screen: what was said, what came of it, and what can be done with it.

import { copyButton } from "./copying.js";
import { announce, everySecond, h } from "./dom.js";
import { icon, mark } from "./icons.js";
import { rendered } from "./markdown.js";
import { proposalView } from "./proposal.js";
import { gridOf, tableView } from "./table.js";
import { trailView } from "./trail.js";
import { clockTime } from "./values.js";
import { requestId } from "./welcome.js";
import { every, knows, lasting, t } from "./words.js";

const SLOW_S = 3;
const CALLED = /\n\nCalled `[^`\n]*` \(\d+\)\.(?=\n\n|$)/g;
const TITLES = { 401: "expiredTitle", 403: "notAllowed", 429: "limitTitle" };

/** An article. `acts`: `decide(turn, decision)`, `choose(words)`, `retry(turn)`, `rate(turn, rating, comment)`,
 *  `me()`. */
export function turnView(turn, acts) {
  const parts = [turn.said ? words(turn) : null, turn.decision ? decision(turn) : null];
  if (turn.status === "waiting") parts.push(waiting(turn));
  else if (turn.status === "failed") parts.push(troubled(turn, acts));
  else if (turn.decision?.decision !== "decline") parts.push(answer(turn, acts));
  return h("article", { class: "turn", "data-turn": turn.number ?? null }, parts);
}

function words(turn) {
  return h("div", { class: "said" }, h("h2", { class: "unseen" }, t("you")), h("p", { dir: "auto" }, turn.said));
}

function decision(turn) {
  const approved = turn.decision.decision === "approve";
  return h(
    "p",
    { class: "decision" },
    icon(approved ? "check" : "cross"),
    h("span", {}, t(approved ? "youApproved" : "youDeclined")),
  );
}

function waiting(turn) {
  const line = h("span", {}, t("working"));
  everySecond(() => {
    if (turn.status !== "waiting") return false;
    const seconds = (Date.now() - turn.started) / 1000;
    if (seconds >= SLOW_S) line.textContent = t("workingFor", { time: lasting(seconds) });
    return true;
  });
  const stop = h(
    "button",
    { type: "button", class: "ghost", on: { click: () => turn.stop() } },
    icon("stop"),
    h("span", {}, t("stop")),
  );
  const pulse = h("span", { class: "pulse", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  return spoken(h("div", { class: "waiting" }, pulse, line, stop));
}

/** What we say, beside our mark. */
function spoken(body) {
  const speaker = h("div", { class: "speaker" }, mark(), h("h2", { class: "unseen" }, t("assistant")));
  return h("div", { class: "answer" }, speaker, body);
}

function answer(turn, acts) {
  const { facade } = turn;
  const body = h("div", { class: "answer-body" });
  if (facade.approval) {
    const before = beforeProposal(turn);
    body.append(...before, proposalView(facade.approval, (verdict) => acts.decide(turn, verdict)));
  } else {
    body.append(...told(turn));
  }
  if (facade.choices?.length) body.append(choices(turn, acts));
  const limit = limited(facade);
  if (limit) body.append(limitNotice(limit, turn, acts));
  const trail = trailView(facade, { kept: turn.kept, mounts: acts.me()?.mounts });
  if (trail) body.append(trail);
  body.append(foot(turn, acts));
  return spoken(body);
}

/** The text with its tables as rows; the last line about the request is told by the panel below. */
function told(turn) {
  if (limited(turn.facade) && turn.facade.calls?.length === 1) return [];
  const grids = [...(turn.facade.tables ?? [])];
  const text = turn.facade.calls?.length ? turn.text.replace(CALLED, "") : turn.text;
  const rowsOf = (header, rows) => {
    const fits = (grid) => header.every((title) => grid.columns.some((column) => column.title === title));
    const at = grids.findIndex(fits);
    return tableView(at < 0 ? gridOf(header, rows) : grids.splice(at, 1)[0]);
  };
  return rendered(shownChoices(text, turn), rowsOf)
    .filter((block, index, all) => !repeated(block, all[index + 1]))
    .map((block) => (block.tagName === "UL" ? fields(block) : block));
}

/** Buttons take the place of a numbered list, and of what follows it: how to answer in words. */
function shownChoices(text, turn) {
  return turn.facade.choices?.length ? text.split(/\n(?=1\. )/)[0] : text;
}

/** What stands in the head of the rows anyway: their name above them, how many more there are below. */
function repeated(block, next) {
  if (block.tagName !== "P") return false;
  if (/^… (?:and \d+ more|and there are more)\.$/.test(block.textContent)) return true;
  return next?.classList.contains("grid") && next.querySelector(".grid-title span")?.textContent === block.textContent;
}

/** A list of `**name**: value` as names and values side by side. */
function fields(list) {
  const items = [...list.children];
  const named = items.filter(
    (item) => item.firstChild?.nodeName === "STRONG" && item.childNodes[1]?.nodeValue?.startsWith(": "),
  );
  if (!named.length) return list;
  const rows = items.map((item) => {
    if (!named.includes(item)) return h(
      "div",
      { class: "field rest" },
      h("dt", { class: "unseen" }, "…"),
      h("dd", { class: "soft" }, ...item.childNodes),
    );
    const [name, first, ...rest] = [...item.childNodes];
    return h("div", { class: "field" }, h("dt", {}, name.textContent), h("dd", {}, first.nodeValue.slice(2), ...rest));
  });
  return h("dl", { class: "fields" }, rows);
}

function beforeProposal(turn) {
  const grids = turn.facade.tables ?? [];
  return grids.map((grid) => tableView(grid));
}

function choices(turn, acts) {
  const buttons = turn.facade.choices.map((choice, index) =>
    h(
      "button",
      {
        type: "button",
        class: "choice",
        disabled: turn.chosen !== undefined,
        "aria-pressed": turn.chosen === undefined ? null : String(turn.chosen === index),
        on: {
          click: () => {
            turn.chosen = index;
            for (const each of buttons) each.disabled = true;
            buttons[index].setAttribute("aria-pressed", "true");
            acts.choose(choice.label);
          },
        },
      },
      h("span", { class: "choice-number", "aria-hidden": "true" }, index + 1),
      h("span", {}, choice.label),
    ),
  );
  return h("div", { class: "choices", role: "group", "aria-label": t("choices") }, buttons);
}

function limited(facade) {
  const errors = [...(facade.calls ?? []).map((call) => call.error), facade.error];
  return errors.find((error) => error?.retry_after) ?? null;
}

function limitNotice(error, turn, acts) {
  const words = limitWords(error.policies ?? [], acts.me());
  return notice("clock", "limit", t("limitTitle"), [h("p", {}, words), retryButton(error.retry_after, turn, acts)]);
}

function troubled(turn, acts) {
  const { trouble } = turn;
  if (trouble.code === "stopped") return spoken(notice("stop", "calm", t("stopped"), []));
  const limit = trouble.status === 429;
  const parts = [h("p", {}, plainWords(trouble, acts))];
  if (limit || trouble.retryAfter) parts.push(retryButton(trouble.retryAfter || 1, turn, acts));
  else if (["offline", "cut"].includes(trouble.code) || trouble.status >= 500) parts.push(againButton(turn, acts));
  if (trouble.requestId) parts.push(requestId(trouble.requestId));
  const title = t(TITLES[trouble.status] ?? "errorTitle");
  return spoken(notice(limit ? "clock" : "warn", limit ? "limit" : "bad", title, parts));
}

function plainWords(trouble, acts) {
  if (trouble.code === "offline" || trouble.code === "cut") return t(trouble.code);
  if (trouble.status === 401) return t("expiredText");
  if (trouble.status !== 429) return trouble.message;
  return limitWords(trouble.policies, acts.me());
}

function limitWords(policies, me) {
  const hit = me?.limits.filter((limit) => policies.includes(limit.name)) ?? [];
  if (!hit.length) return t("limitShort", { tier: me?.tier ?? "" });
  return t("limitText", { tier: me.tier, allowed: hit.map(allowance).join(", ") });
}

/** What a limit allows, in words. */
export function allowance(limit) {
  const key = `counted_${limit.counts}`;
  const facts = { amount: limit.allows, counted: knows(key) ? t(key) : limit.counts };
  return limit.per_s === 0 ? t("atOnce", facts) : t("per", { ...facts, time: every(limit.per_s) });
}

function notice(image, kind, title, parts) {
  return h(
    "div",
    { class: `notice ${kind}`, role: kind === "calm" ? "status" : "alert" },
    icon(image),
    h("div", {}, h("strong", {}, title), parts),
  );
}

function retryButton(seconds, turn, acts) {
  const ends = (turn.limitedUntil ??= Date.now() + seconds * 1000);
  const label = h("span", {});
  const button = h(
    "button",
    { type: "button", class: "secondary", on: { click: () => acts.retry(turn) } },
    icon("clock"),
    label,
  );
  let waited = false;
  let connected = false;
  everySecond(() => {
    connected ||= button.isConnected;
    if (connected && !button.isConnected) return false;
    const left = (ends - Date.now()) / 1000;
    button.disabled = left > 0;
    label.textContent = left > 0 ? t("tryIn", { time: lasting(left) }) : t("tryNow");
    if (left <= 0 && waited) announce(t("tryNowText"));
    waited = left > 0;
    return left > 0;
  });
  return button;
}

function againButton(turn, acts) {
  return h(
    "button",
    { type: "button", class: "secondary", on: { click: () => acts.retry(turn) } },
    h("span", {}, t("tryNow")),
  );
}

function foot(turn, acts) {
  const place = h("div", { class: "turn-foot" });
  place.append(copyButton(t("copyText"), () => turn.text, { bare: true }));
  if (turn.number && !turn.facade.approval) place.append(rating(turn, acts));
  place.append(h("time", { datetime: turn.at }, clockTime(turn.at)));
  return place;
}

function rating(turn, acts) {
  const place = h("div", { class: "rating", role: "group", "aria-label": t("feedback") });
  const thumb = (which, image, label) => {
    const button = h(
      "button",
      {
        type: "button",
        class: "round small",
        title: label,
        "aria-label": label,
        "aria-pressed": String(turn.rating === which),
      },
      icon(image),
    );
    button.addEventListener("click", async () => {
      const wanted = turn.rating === which ? "none" : which;
      if (!(await acts.rate(turn, wanted))) return;
      for (const each of place.querySelectorAll("button[aria-pressed]")) each.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", String(wanted === which));
      place.querySelector("form")?.remove();
      if (wanted === "down") place.append(commentForm(turn, acts));
    });
    return button;
  };
  place.append(thumb("up", "up", t("good")), thumb("down", "bad", t("bad")));
  return place;
}

function commentForm(turn, acts) {
  const field = h("input", { type: "text", maxlength: 1000, "aria-label": t("comment"), placeholder: t("comment") });
  const form = h(
    "form",
    { class: "comment" },
    field,
    h("button", { type: "submit", class: "secondary" }, t("sendComment")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!(await acts.rate(turn, "down", field.value.trim()))) return;
    form.replaceWith(h("span", { class: "soft small", role: "status" }, t("thanks")));
  });
  return form;
}
