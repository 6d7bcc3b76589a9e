// Our own API, with the user's token from this page's memory. No cookie is sent and none is kept.

const AT = location.pathname.replace(/\/chat\/?$/, "");

/** An answer that is no success: what it says, and how long to wait. `code` is stable, `message` is for people. */
export class Trouble extends Error {
  constructor(facts) {
    super(facts.message);
    Object.assign(this, { status: 0, code: "", requestId: "", retryAfter: 0, policies: [], ...facts });
  }
}

/** Calls of one user. `onExpired` is told when the token is not believed any more. */
export class Api {
  #token = "";
  #tenant = "";
  #onExpired;

  constructor(onExpired) {
    this.#onExpired = onExpired;
  }

  /** Use this token from now on; '' forgets it. */
  use(token) {
    this.#token = token;
  }

  /** Act for this tenant, of those that the token grants; '' leaves that to the token. */
  actFor(tenant) {
    this.#tenant = tenant;
  }

  get(path) {
    return this.#json("GET", `/v1${path}`);
  }

  put(path, body) {
    return this.#json("PUT", `/v1${path}`, body);
  }

  post(path, body) {
    return this.#json("POST", `/v1${path}`, body);
  }

  /** Say something. Resolves to the whole text and the `facade` field. */
  async say(words, conversation, signal) {
    const body = {
      model: null,
      stream: true,
      messages: [{ role: "user", content: words }],
      facade: { conversation },
    };
    const response = await this.#send("POST", "/v1/chat/completions", body, signal);
    let text = "";
    let facade = {};
    for await (const event of events(response.body)) {
      if (event === "[DONE]") return { text, facade };
      const chunk = JSON.parse(event);
      if (chunk.error) throw new Trouble({ ...chunk.error, requestId: response.headers.get("x-request-id") ?? "" });
      facade = chunk.facade ?? facade;
      text += chunk.choices[0]?.delta?.content ?? "";
    }
    throw new Trouble({ code: "cut", message: "", requestId: response.headers.get("x-request-id") ?? "" });
  }

  #headers() {
    const tenant = this.#tenant ? { "X-Facade-Tenant": this.#tenant } : {};
    return { Authorization: `Bearer ${this.#token}`, ...tenant };
  }

  async #json(method, path, body) {
    return (await this.#send(method, path, body)).json();
  }

  async #send(method, path, body, signal) {
    const response = await ask(method, path, body, this.#headers(), signal);
    if (response.ok) return response;
    const trouble = await troubleOf(response);
    if (response.status === 401) this.#onExpired();
    throw trouble;
  }
}

/** How people sign in here. */
export async function signIns() {
  return (await ask("GET", "/chat/config")).json();
}

/** A token for a code. */
export async function redeem(code) {
  const response = await ask("POST", "/chat/token", code);
  if (!response.ok) throw await troubleOf(response);
  return response.json();
}

async function ask(method, path, body, headers = {}, signal = undefined) {
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  try {
    return await fetch(AT + path, {
      method,
      signal,
      headers: { ...json, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble({ code: "offline", message: "" });
  }
}

async function troubleOf(response) {
  let told = {};
  try {
    const body = await response.json();
    told = body.error ?? { message: body.detail, code: body.code };
  } catch {
    told = { message: `${response.status} ${response.statusText}` };
  }
  return new Trouble({
    status: response.status,
    code: told.code ?? "",
    message: told.message ?? "",
    requestId: response.headers.get("x-request-id") ?? "",
    retryAfter: Number(response.headers.get("retry-after")) || 0,
    policies: policies(response.headers.get("ratelimit")),
  });
}

/** The names of the limits in a `RateLimit` field. */
function policies(header) {
  return [...(header ?? "").matchAll(/"((?:[^"\\]|\\.)*)"\s*;/g)].map((found) => decodeURIComponent(found[1]));
}

/** The data of server-sent events, in order. Comments keep a stream open and say nothing. */
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += value;
      const parts = rest.split("\n\n");
      rest = parts.pop();
      for (const part of parts) {
        const data = part.split("\n").filter((line) => line.startsWith("data:")).map(
          (line) => line.slice(5).trimStart(),
        );
        if (data.length) yield data.join("\n");
      }
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return;
  } finally {
    reader.cancel().catch(() => {});
  }
}
