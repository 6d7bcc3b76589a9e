// Buttons that copy.

import { announce, h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

/** A button that copies what `make` gives and says so. `bare`: an icon with a label alone. */
export function copyButton(label, make, { bare = false } = {}) {
  const words = h("span", { class: bare ? "unseen" : null }, label);
  const button = h(
    "button",
    { type: "button", class: bare ? "round small" : "ghost", title: bare ? label : null },
    icon("copy"),
    words,
  );
  button.addEventListener("click", async () => {
    const done = await copied(make());
    announce(t(done ? "copied" : "copyFailed"));
    button.replaceChildren(icon(done ? "check" : "warn"), words);
    words.textContent = t(done ? "copied" : "copyFailed");
    setTimeout(() => {
      words.textContent = label;
      button.replaceChildren(icon("copy"), words);
    }, 2000);
  });
  return button;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
