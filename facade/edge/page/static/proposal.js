// What waits for approval: the exact calls, value by value, two buttons, and the time that is left.

import { announce, everySecond, h } from "./dom.js";
import { icon } from "./icons.js";
import { lasting, t } from "./words.js";

const SPOKEN_AT = [60, 15];
const OUTCOMES = {
  done: ["check", "approved"],
  approve: ["check", "approved"],
  declined: ["cross", "declined"],
  decline: ["cross", "declined"],
  expired: ["clock", "proposalExpired"],
  claimed: ["warn", "claimed"],
};

/** A card. `approval`: of the `facade` field or of a conversation; `decide(decision)` settles it. */
export function proposalView(approval, decide) {
  const { calls } = approval;
  const title = calls.length > 1 ? t("proposalMany", { count: calls.length }) : t("proposal");
  const heading = h("h3", { tabindex: -1 }, icon("shield"), h("span", {}, title));
  const card = h(
    "section",
    { class: "proposal", "aria-label": heading.textContent },
    heading,
    h("p", { class: "soft" }, calls.length ? t("proposalText") : t("changedSince")),
    h("ol", { class: "proposed" }, calls.map(proposed)),
  );
  const foot = h("div", { class: "proposal-foot" });
  card.append(foot);
  const settled = OUTCOMES[approval.state ?? "open"];
  if (settled) conclude(card, foot, settled);
  else open(card, foot, heading, approval, decide);
  return card;
}

function open(card, foot, heading, approval, decide) {
  const left = h("span", { class: "countdown" });
  const act = async (decision) => {
    buttons.forEach((each) => (each.disabled = true));
    left.textContent = decision === "approve" ? t("approving") : "";
    const settled = await decide(decision);
    if (settled) conclude(card, foot, OUTCOMES[settled]);
    else buttons.forEach((each) => (each.disabled = false));
    // The button that had the focus is gone; who went elsewhere meanwhile is left there.
    if (document.activeElement === document.body || card.contains(document.activeElement)) heading.focus();
  };
  const buttons = [
    h(
      "button",
      { type: "button", class: "primary", on: { click: () => act("approve") } },
      icon("check"),
      h("span", {}, t("approve")),
    ),
    h(
      "button",
      { type: "button", class: "secondary", on: { click: () => act("decline") } },
      icon("cross"),
      h("span", {}, t("decline")),
    ),
  ];
  if (approval.calls.length) foot.append(buttons[0]);
  foot.append(buttons[1], left);
  const spoken = new Set();
  const ends = Date.parse(approval.expires_at);
  let connected = false;
  everySecond(() => {
    connected ||= card.isConnected;
    if (foot.dataset.settled || (connected && !card.isConnected)) return false;
    const seconds = (ends - Date.now()) / 1000;
    if (seconds <= 0) {
      conclude(card, foot, OUTCOMES.expired);
      return false;
    }
    if (!buttons[0].disabled) left.replaceChildren(
      icon("clock"),
      h("span", {}, t("expiresIn", { time: lasting(seconds) })),
    );
    for (const mark of SPOKEN_AT) {
      if (seconds <= mark && seconds > mark - 5 && !spoken.has(mark)) {
        spoken.add(mark);
        announce(t("expiresInVoice", { time: lasting(seconds) }));
      }
    }
    return true;
  });
}

function conclude(card, foot, [image, key]) {
  foot.dataset.settled = key;
  card.classList.add("settled", `is-${key}`);
  card.querySelector("h3 span").textContent = t("proposalSettled");
  foot.replaceChildren(h("p", { class: "verdict" }, icon(image), h("span", {}, t(key))));
  announce(t(key));
}

function proposed(call) {
  const kind = call.write_class ?? "write";
  return h(
    "li",
    {},
    h(
      "div",
      { class: "proposed-head" },
      h("strong", {}, call.title),
      h("span", { class: `write-class ${kind}` }, icon(kind === "destroy" ? "warn" : "spark"), t(`write_${kind}`)),
    ),
    h(
      "div",
      { class: "call-line" },
      h("span", { class: `method ${call.method.toLowerCase()}` }, call.method),
      h("code", { class: "target" }, call.target),
    ),
    call.values?.length ? values(call.values) : null,
  );
}

function values(list) {
  const rows = list.map((each) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("code", {}, visible(each.name)), " ", h("small", {}, t(`place_${each.place}`))),
      h("td", {}, each.value === "" ? h("em", {}, t("empty")) : visible(each.value)),
    ),
  );
  return h(
    "table",
    { class: "values" },
    h("caption", { class: "unseen" }, t("proposalText")),
    h("colgroup", {}, h("col", { class: "names" }), h("col")),
    h("tbody", {}, rows),
  );
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2800\u3164\uffa0\u034f\ufe00-\ufe0f]/gu;

/** A value to consent to hides nothing: what draws nothing is written out. */
function visible(text) {
  return text.replace(
    UNSEEN,
    (found) => (found === "\n" ? "\n" : `⟨U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`),
  );
}
