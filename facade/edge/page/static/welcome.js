// The page before somebody is signed in.

import { Trouble, signIns } from "./api.js";
import { fill, h } from "./dom.js";
import { icon, mark, portico } from "./icons.js";
import { prefsView } from "./prefs.js";
import { leaveFor, possible } from "./sign_in.js";
import { ourName, t } from "./words.js";

/** The whole page. `onToken` takes a pasted token; `redraw` draws everything anew in another language; `back` is what
 *  survives a redirect. */
export function welcomeView({ failure, onToken, redraw, back }) {
  const card = [
    h("h1", {}, t("signIn")),
    h("p", { class: "soft" }, t("signInText")),
    troubleView(failure),
    waysIn({ onToken, back }),
  ];
  return besideArt(card, redraw);
}

/** Which of several tenants it shall be. */
export function tenantsView({ tenants, choose, redraw }) {
  const button = (tenant) => h(
    "button",
    { type: "button", class: "secondary wide", on: { click: () => choose(tenant) } },
    h("span", {}, tenant),
    icon("right"),
  );
  const list = h("ul", { class: "tenants" }, tenants.map((tenant) => h("li", {}, button(tenant))));
  return besideArt([h("h1", {}, t("chooseTenant")), h("p", { class: "soft" }, t("chooseTenantText")), list], redraw);
}

function besideArt(card, redraw) {
  const promises = h("ul", { class: "promises" }, ["1", "2", "3"].map((number) => promise(number)));
  return h(
    "div",
    { class: "welcome" },
    h(
      "aside",
      { class: "welcome-art", "aria-label": ourName() },
      h("div", { class: "welcome-brand" }, mark(), h("span", {}, ourName())),
      portico(),
      h("p", { class: "welcome-line" }, t("tagline")),
      promises,
    ),
    h("main", { class: "welcome-main" }, h("div", { class: "welcome-card" }, card), prefsView(redraw)),
  );
}

function promise(number) {
  return h(
    "li",
    {},
    icon("check"),
    h("div", {}, h("strong", {}, t(`promise${number}`)), h("span", {}, t(`promise${number}text`))),
  );
}

/** Every way in: a button for each issuer, and a field for a token in development. `back` survives a redirect. */
export function waysIn({ onToken, back = () => null }) {
  const place = h("div", { class: "ways" }, h("div", { class: "waiting", role: "status" }, t("working")));
  const show = async () => {
    try {
      const { issuers, pasted } = await signIns();
      const ways = issuers.map((offer) => issuerButton(offer, back));
      if (issuers.length && pasted) ways.push(h("div", { class: "or" }, h("span", {}, t("or"))));
      if (pasted) ways.push(pasteForm(onToken));
      fill(place, ways.length ? ways : h("p", { class: "soft" }, t("signInNone")));
    } catch (error) {
      fill(place, troubleView(error));
    }
  };
  show();
  return place;
}

function issuerButton(offer, back) {
  const problem = !possible() ? t("signInHttps") : offer.authorization_url ? "" : t("issuerDown");
  const button = h(
    "button",
    { type: "button", class: "primary wide", disabled: Boolean(problem), on: { click: () => leaveFor(offer, back()) } },
    icon("key"),
    h("span", {}, t("signInWith", { name: offer.label })),
  );
  return h("div", {}, button, problem ? h("p", { class: "soft" }, problem) : null);
}

function pasteForm(onToken) {
  const field = h(
    "textarea",
    { id: "token", rows: 3, spellcheck: "false", autocomplete: "off", autocapitalize: "off", required: true },
  );
  const submit = (event) => {
    event.preventDefault();
    const token = field.value.replace(/\s+/g, "");
    field.value = "";
    if (token) onToken(token);
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) submit(event);
  });
  return h(
    "form",
    { class: "paste", on: { submit } },
    h("label", { for: "token" }, t("pasteLabel")),
    field,
    h(
      "p",
      { class: "soft small" },
      t("pasteHint").split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part)),
    ),
    h("button", { type: "submit", class: "secondary wide" }, t("pasteUse")),
  );
}

function troubleView(error) {
  if (!error) return null;
  return h(
    "div",
    { class: "notice bad", role: "alert" },
    icon("warn"),
    h(
      "div",
      {},
      h("strong", {}, t("signInFailed")),
      h("p", {}, failureWords(error)),
      error.requestId ? requestId(error.requestId) : null,
    ),
  );
}

/** Why a sign-in failed, in plain words. */
export function failureWords(error) {
  if (error instanceof Trouble) return error.code === "offline" ? t("offline") : error.message;
  return error.refused ? t("signInRefused", { code: error.message }) : t("signInStale");
}

/** What to tell whoever runs the service. */
export function requestId(id) {
  return h("p", { class: "request-id" }, `${t("requestId")}: `, h("code", {}, id));
}
