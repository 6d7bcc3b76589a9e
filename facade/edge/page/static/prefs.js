// Language and appearance: the browser's own until somebody chooses, then kept for this browser. Nothing private.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { LANGUAGES, preferred, speak, spoken, t } from "./words.js";

const THEMES = ["system", "light", "dark"];
const ICONS = { system: "spark", light: "sun", dark: "moon" };

/** Take over what was chosen before. */
export function settlePrefs() {
  speak(kept("language") ?? preferred());
  wear(kept("theme") ?? "system");
}

/** Two choices side by side; `onLanguage` draws the page anew. */
export function prefsView(onLanguage) {
  return h("div", { class: "prefs" }, languageButton(onLanguage), themeButton());
}

function languageButton(onLanguage) {
  const other = Object.keys(LANGUAGES).find((each) => each !== spoken());
  const click = () => {
    keep("language", other);
    speak(other);
    onLanguage();
  };
  const label = `${t("language")}: ${LANGUAGES[other]}`;
  return h(
    "button",
    { type: "button", class: "ghost", "data-pref": "language", "aria-label": label, on: { click } },
    icon("globe"),
    h("span", { lang: other === "zh" ? "zh-Hans" : "en" }, LANGUAGES[other]),
  );
}

function themeButton() {
  const button = h("button", { type: "button", class: "ghost", "data-pref": "theme" });
  const dress = () => {
    const now = document.documentElement.dataset.theme ?? "system";
    button.setAttribute("aria-label", `${t("theme")}: ${t(now)}`);
    button.replaceChildren(icon(ICONS[now]), h("span", {}, t(now)));
  };
  button.addEventListener("click", () => {
    const now = document.documentElement.dataset.theme ?? "system";
    const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
    keep("theme", next);
    wear(next);
    dress();
  });
  dress();
  return button;
}

function wear(theme) {
  if (THEMES.includes(theme) && theme !== "system") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

function kept(name) {
  try {
    return localStorage.getItem(`facade.${name}`);
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(`facade.${name}`, value);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
