// The page begins here.

import { settlePrefs } from "./prefs.js";
import { draw, signedIn } from "./session.js";
import { returned } from "./sign_in.js";
import { app } from "./state.js";

async function begin() {
  settlePrefs();
  try {
    const back = await returned();
    if (back) return await signedIn(back.token, back.back);
  } catch (error) {
    app.failure = error;
    app.back = error.back ?? null;
  }
  return draw();
}

begin();
