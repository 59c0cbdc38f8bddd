import { type GalleyError, galleyError, isGalleyError } from "@galley/spec";

/** Error codes of the distribution specification, and the status and kind that go with each. */
const codes = {
  BLOB_UNKNOWN: [404, "not-found"],
  BLOB_UPLOAD_INVALID: [400, "invalid"],
  BLOB_UPLOAD_UNKNOWN: [404, "not-found"],
  DENIED: [403, "forbidden"],
  DIGEST_INVALID: [400, "invalid"],
  MANIFEST_BLOB_UNKNOWN: [404, "not-found"],
  MANIFEST_INVALID: [400, "invalid"],
  MANIFEST_UNKNOWN: [404, "not-found"],
  NAME_INVALID: [400, "invalid"],
  NAME_UNKNOWN: [404, "not-found"],
  SIZE_INVALID: [413, "invalid"],
  TOOMANYREQUESTS: [429, "unavailable"],
  UNAUTHORIZED: [401, "unauthorized"],
  UNKNOWN: [500, "internal"],
  UNSUPPORTED: [405, "unsupported"],
} as const;

export type RefusalCode = keyof typeof codes;

/** What is sent when a request is refused. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface RefusalOptions {
  /** When it is not the usual one of the code. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly detail?: unknown;
}

/** An error that becomes a refusal: thrown by handlers, rendered in one place. */
export function refuse(code: RefusalCode, message: string, options: RefusalOptions = {}): GalleyError {
  const [status, kind] = codes[code];
  return galleyError(kind, `registry-server.${code.toLowerCase().replaceAll("_", "-")}`, message, {
    details: { refusal: code, status, ...options },
  });
}

/** The answer for whatever a handler threw; what was not thrown by {@link refuse} tells the client nothing. */
export function refusalOf(error: unknown): Refusal {
  const known = isGalleyError(error) && typeof error.details["refusal"] === "string" ? error : undefined;
  const message = known?.message ?? "internal error";
  const details = known?.details ?? {};
  const item = { code: details["refusal"] ?? "UNKNOWN", message, detail: details["detail"] ?? null };
  return {
    status: (details["status"] as number | undefined) ?? 500,
    headers: (details["headers"] as Readonly<Record<string, string>> | undefined) ?? {},
    body: JSON.stringify({ errors: [item] }),
  };
}
