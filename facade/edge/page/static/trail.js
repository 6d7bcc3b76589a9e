// How an answer came about: the plan with the source of each value, the exact calls, and what else was weighed.

import { h } from "./dom.js";
import { copyButton } from "./copying.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

const PHRASES = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  422: "Unprocessable",
  429: "Too Many Requests",
  500: "Server Error",
  502: "Bad Gateway",
  503: "Unavailable",
  504: "Timeout",
};

/** A panel that opens; null when there is nothing to tell. */
export function trailView(facade, { kept = false, mounts = {} } = {}) {
  const steps = facade.plan?.steps ?? [];
  const calls = facade.calls ?? [];
  const considered = facade.evidence?.considered ?? [];
  if (!steps.length && !calls.length && !considered.length && !facade.draft) return null;
  const parts = [
    steps.length ? h(
      "section",
      {},
      h("h4", {}, t("plan"), confidence(facade.evidence)),
      h("ol", { class: "steps" }, steps.map(step)),
    ) : null,
    facade.draft ? h("section", {}, h("h4", {}, t("draft")), h("ol", { class: "steps" }, step(facade.draft))) : null,
    calls.length ? h(
      "section",
      {},
      h("h4", {}, t("callsTitle")),
      h("ul", { class: "calls" }, calls.map((each) => call(each, mounts))),
      kept ? h("p", { class: "soft small" }, t("notKept")) : null,
    ) : null,
    others(considered, steps),
  ];
  return h(
    "details",
    { class: "trail" },
    h(
      "summary",
      {},
      icon("steps"),
      h("span", {}, t("details")),
      h("span", { class: "trail-sum" }, summary(calls)),
      icon("down"),
    ),
    h("div", { class: "trail-body" }, parts),
  );
}

function summary(calls) {
  const sent = calls.filter((each) => each.status !== null || each.method);
  const micros = calls.reduce((sum, each) => sum + (each.micros ?? 0), 0);
  const count = sent.length === 0 ? t("noCalls") : sent.length === 1 ? t("call1") : t("calls", { count: sent.length });
  return micros ? `${count} · ${took(micros)}` : count;
}

function took(micros) {
  const ms = micros / 1000;
  return t("time", { ms: ms >= 100 ? Math.round(ms) : ms.toFixed(1) });
}

function confidence(evidence) {
  return evidence ? h(
    "span",
    { class: "soft small" },
    t("confidence", { value: evidence.confidence.toFixed(2) }),
  ) : null;
}

function step(planned) {
  const values = flat(planned.arguments);
  const rows = values.map(([place, name, value]) =>
    h(
      "div",
      { class: "argument" },
      h("dt", {}, h("code", {}, name)),
      h("dd", {}, h("span", { class: "given" }, text(value)), source(planned.sources?.[`${place}.${name}`])),
    ),
  );
  return h(
    "li",
    {},
    h(
      "div",
      { class: "step-title" },
      h("strong", {}, planned.title ?? planned.operation.id),
      h("code", { class: "soft" }, planned.operation.id),
    ),
    rows.length ? h("dl", { class: "arguments" }, rows) : h("p", { class: "soft small" }, t("noArguments")),
  );
}

function source(from) {
  if (!from) return null;
  const key = `from_${from.kind}`;
  return h("span", { class: "source" }, `← ${t(key, { text: from.text })}`);
}

/** `[place, dotted name, value]` of every argument. */
function flat(given) {
  const found = [];
  for (const [place, values] of Object.entries(given ?? {})) {
    if (place !== "body" || !isObject(values)) {
      if (isObject(values)) for (const [name, value] of Object.entries(values)) found.push([place, name, value]);
      else found.push([place, place, values]);
    } else {
      leaves(values, "", (name, value) => found.push([place, name, value]));
    }
  }
  return found;
}

function leaves(values, prefix, take) {
  for (const [name, value] of Object.entries(values)) {
    if (isObject(value) && Object.keys(value).length) leaves(value, `${prefix}${name}.`, take);
    else take(prefix + name, value);
  }
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function text(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function call(one, mounts) {
  const ok = one.status !== null && one.status < 400;
  const unanswered = one.error ? errorText(one.error) : t("notSent");
  const state = one.status === null ? unanswered : `${one.status} ${PHRASES[one.status] ?? ""}`.trim();
  return h(
    "li",
    {},
    h(
      "div",
      { class: "call-line" },
      one.method ? h("span", { class: `method ${one.method.toLowerCase()}` }, one.method) : null,
      h("code", { class: "target" }, one.target ?? one.operation?.id ?? ""),
    ),
    h(
      "div",
      { class: "call-facts" },
      h("span", { class: ok ? "state good" : "state bad" }, icon(ok ? "check" : "cross"), state),
      one.micros ? h("span", {}, took(one.micros)) : null,
      one.method ? copyButton(t("copyCurl"), () => curl(one, mounts)) : null,
    ),
  );
}

function errorText(error) {
  return typeof error === "string" ? error : error.message || error.code;
}

/** A command that asks the same of the application: through this facade where it stands in front of it. The token's
 *  place is left open. */
function curl(one, mounts) {
  const mount = mounts[one.operation.api];
  const origin = mount === undefined ? "https://APPLICATION" : location.origin + mount;
  const parts = [
    "curl",
    "-X",
    one.method,
    quoted(origin + one.target),
    "-H",
    '"Authorization: Bearer $TOKEN"',
  ];
  for (const [name, value] of Object.entries(one.headers ?? {})) parts.push("-H", quoted(`${name}: ${value}`));
  if (one.body !== null && one.body !== undefined) parts.push("--data-raw", quoted(bodyText(one)));
  return parts.join(" ");
}

function bodyText(one) {
  const media = Object.entries(one.headers ?? {}).find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  if (media.includes("urlencoded") && Array.isArray(one.body)) return new URLSearchParams(one.body).toString();
  return typeof one.body === "string" && !media.includes("json") ? one.body : JSON.stringify(one.body);
}

/** One word for a POSIX shell, whatever is in it. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function others(considered, steps) {
  const chosen = new Set(steps.map((each) => `${each.operation.api}/${each.operation.id}`));
  const rest = considered.filter((each) => !chosen.has(`${each.operation.api}/${each.operation.id}`));
  if (!rest.length) return null;
  const most = Math.max(...considered.map((each) => Math.abs(each.score)), 0.001);
  return h(
    "section",
    {},
    h("h4", {}, t("considered")),
    h("ul", { class: "considered" }, rest.slice(0, 4).map((each) => candidate(each, most))),
  );
}

function candidate(each, most) {
  const unplaced = each.unplaced.length ? h(
    "span",
    { class: "soft small" },
    t("noPlace", { text: each.unplaced.join(", ") }),
  ) : null;
  const meter = h("meter", { min: 0, max: 1, value: Math.max(0, each.score / most), "aria-hidden": "true" });
  return h("li", {}, h("span", {}, each.title), meter, h("span", { class: "score" }, each.score.toFixed(2)), unplaced);
}
