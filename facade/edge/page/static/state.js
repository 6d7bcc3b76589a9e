// What the page knows, in its memory alone.

import { Api } from "./api.js";

/** Who is here and what was said. */
export const app = {
  me: null,
  conversation: null,
  conversations: [],
  next: null,
  turns: [],
  busy: false,
  expired: false,
  failure: null,
  back: null,
  earlier: 0,
  opening: 0,
  onExpired: () => {},
};

/** Our own API; `app.onExpired` is told when the token is not believed any more. */
export const api = new Api(() => app.onExpired());

/** The elements of the frame that change. */
export const parts = {};
