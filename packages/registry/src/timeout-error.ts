/** A wait that took too long; `code` says for what. Internal: callers see what `connectionError` makes of it. */
export function timeoutError(code: "CONNECT_TIMEOUT" | "ANSWER_TIMEOUT" | "STALLED"): Error {
  return Object.assign(new Error(code), { code });
}
