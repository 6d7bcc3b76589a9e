// Where people type.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

/** A form; `onSend(words)` returns false when the words cannot be sent now and stay. `most`: characters of a message. */
export function composerView(onSend, most, draft = "") {
  const field = h(
    "textarea",
    {
      id: "message",
      rows: 1,
      placeholder: t("placeholder"),
      "aria-label": t("messageLabel"),
      "aria-describedby": "keys",
      autocomplete: "off",
      dir: "auto",
    },
  );
  const button = h(
    "button",
    { type: "submit", class: "send", "aria-label": t("send"), title: t("send") },
    icon("send"),
  );
  const hint = h("p", { id: "keys", class: "keys" }, t("keys"));
  field.value = draft;
  const fit = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
    const over = field.value.length - most;
    hint.textContent = over > 0 ? t("tooLong", { count: over }) : t("keys");
    hint.classList.toggle("over", over > 0);
    button.disabled = !field.value.trim() || over > 0;
  };
  const submit = (event) => {
    event.preventDefault();
    const words = field.value.trim();
    if (!words || words.length > most || !onSend(words)) return;
    field.value = "";
    fit();
  };
  field.addEventListener("input", fit);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  requestAnimationFrame(fit);
  const form = h(
    "form",
    { class: "composer", on: { submit } },
    h("div", { class: "composer-box" }, field, button),
    hint,
  );
  return { form, field };
}
