// Asking the service: the public API, and nothing else. A key goes in a header, never in a URL.

import { askForKey, key } from "./sign_in.js";

/** @typedef {Record<string, string | number | null | undefined>} Params */
/** @typedef {{ params?: Params, body?: BodyInit | null, json?: unknown, signal?: AbortSignal }} Ask */

// How long to wait before asking a service that is away again, at first and at most.
const AGAIN_MS = 500;
const AGAIN_MOST_MS = 5_000;

/** What the service refuses, in its own words. */
export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** @param {string} path @param {Params} [params] those that are empty are left out */
export function urlOf(path, params = {}) {
  const given = Object.entries(params).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  // In a number a `+` would be taken for one.
  return given.length ? `${path}?${String(query).replaceAll("+", "%20")}` : path;
}

/**
 * Ask; who is not let in is asked for a key. Throws ApiError, and TypeError while the service is away.
 * @param {string} method
 * @param {string} path
 * @param {Ask} [ask]
 * @returns {Promise<Response>}
 */
export async function ask(method, path, { params, body = null, json, signal } = {}) {
  for (;;) {
    const sent = key();
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (sent) headers.Authorization = `Bearer ${sent}`;
    if (json !== undefined) headers["Content-Type"] = "application/json";
    else if (body !== null) headers["Content-Type"] = "application/octet-stream";
    const response = await fetch(urlOf(path, params), {
      method,
      headers,
      body: json === undefined ? body : JSON.stringify(json),
      signal,
      cache: "no-store",
    });
    if (response.ok) return response;
    const error = await errorOf(response);
    if (response.status !== 401 || signal?.aborted) throw error;
    // Another view may have asked for one meanwhile.
    if (sent === key() && !(await askForKey(sent ? "The service does not accept this key." : ""))) throw error;
  }
}

/** @param {Response} response */
async function errorOf(response) {
  const { code = "unknown", message = response.statusText } = await response.json().catch(() => ({}));
  return new ApiError(response.status, code, message);
}

/**
 * Ask for JSON.
 * @param {string} method
 * @param {string} path
 * @param {Ask} [given]
 * @returns {Promise<any>}
 */
export async function askJson(method, path, given) {
  const response = await ask(method, path, given);
  return response.status === 204 ? null : response.json();
}

/** @param {unknown} error */
export const isAway = (error) => error instanceof TypeError || (error instanceof ApiError && error.status === 503);

/** @param {unknown} error */
export const isAborted = (error) => error instanceof DOMException && error.name === "AbortError";

/**
 * Follow server-sent events, and go on by itself when the connection breaks. Ends after event `end`.
 * @param {string} path
 * @param {AbortSignal} signal
 * @param {(event: string, data: any) => void} onEvent
 * @param {(isConnected: boolean) => void} onConnection
 */
export async function follow(path, signal, onEvent, onConnection) {
  let wait = AGAIN_MS;
  while (!signal.aborted) {
    try {
      const response = await ask("GET", path, { signal });
      onConnection(true);
      for await (const [event, data] of eventsIn(response)) {
        wait = AGAIN_MS;
        onEvent(event, data);
        if (event === "end") return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isAway(error)) throw error;
    }
    if (signal.aborted) return;
    onConnection(false);
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(2 * wait, AGAIN_MOST_MS);
  }
}

/**
 * The events of a response, each with its data as JSON.
 * @param {Response} response
 * @returns {AsyncGenerator<[string, any]>}
 */
async function* eventsIn(response) {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (text + value).replaceAll("\r\n", "\n").split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const lines = event.split("\n");
      const valuesOf = (/** @type {string} */ name) =>
        lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trimStart());
      const data = valuesOf("data").join("\n");
      if (data) yield [valuesOf("event")[0] ?? "message", JSON.parse(data)];
    }
  }
}
