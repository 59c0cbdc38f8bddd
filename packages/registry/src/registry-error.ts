import { type ErrorKind, type GalleyError, galleyError, isGalleyError } from "@galley/spec";
import { readErrorBody, readOtherWords } from "./error-body.ts";
import { maxErrorMessageLength } from "./limits.ts";
import { describeRateLimit, type RateLimit } from "./rate-limit.ts";

/** What a registry's answer with an error status says. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  readonly retryAfterMs?: number;
  /** Whether trying again may help although the status says otherwise. */
  readonly transient?: boolean;
  readonly rateLimit?: RateLimit;
}

interface Meaning {
  readonly kind: ErrorKind;
  readonly code: string;
}

const byRegistryCode: Readonly<Record<string, Meaning>> = {
  BLOB_UNKNOWN: { kind: "not-found", code: "registry.blob-unknown" },
  BLOB_UPLOAD_INVALID: { kind: "invalid", code: "registry.upload-invalid" },
  BLOB_UPLOAD_UNKNOWN: { kind: "unavailable", code: "registry.upload-lost" },
  DENIED: { kind: "forbidden", code: "registry.denied" },
  DIGEST_INVALID: { kind: "corrupt", code: "registry.digest-mismatch" },
  MANIFEST_BLOB_UNKNOWN: { kind: "invalid", code: "registry.manifest-blob-unknown" },
  MANIFEST_UNKNOWN: { kind: "not-found", code: "registry.manifest-unknown" },
  NAME_UNKNOWN: { kind: "not-found", code: "registry.name-unknown" },
  RANGE_INVALID: { kind: "invalid", code: "registry.range-invalid" },
  TOOMANYREQUESTS: { kind: "unavailable", code: "registry.too-many-requests" },
  UNAUTHORIZED: { kind: "unauthorized", code: "registry.unauthorized" },
  UNSUPPORTED: { kind: "unsupported", code: "registry.unsupported" },
};

const byStatus: Readonly<Record<number, Meaning>> = {
  400: { kind: "invalid", code: "registry.refused" },
  401: { kind: "unauthorized", code: "registry.unauthorized" },
  403: { kind: "forbidden", code: "registry.denied" },
  404: { kind: "not-found", code: "registry.not-found" },
  405: { kind: "unsupported", code: "registry.unsupported" },
  413: { kind: "invalid", code: "registry.too-large" },
  429: { kind: "unavailable", code: "registry.too-many-requests" },
};

const otherStatus: Meaning = { kind: "unavailable", code: "registry.failed" };
/** Statuses whose meaning the body may not change, since callers and retries go by them. */
const statusFirst = new Set([401, 403, 429]);
const transientStatuses = new Set([408, 429, 500, 502, 503, 504]);

/** The error for an answer: `doing` says what was asked for. */
export function registryError(doing: string, answer: ErrorAnswer): GalleyError {
  const { status, retryAfterMs, rateLimit } = answer;
  const said = readErrors(answer.body);
  const known = said && Object.hasOwn(byRegistryCode, said.code) ? byRegistryCode[said.code] : undefined;
  const usual = byStatus[status] ?? otherStatus;
  const { kind, code } = status < 500 && !statusFirst.has(status) && known ? known : usual;
  const other = readOtherWords(answer.body);
  const why = said?.message ?? (other && printable(other)) ?? `the registry answered ${status}`;
  const limits = rateLimit ? ` (${describeRateLimit(rateLimit)})` : "";
  return galleyError(kind, code, `${doing}: ${why}${limits}`, {
    details: {
      status,
      ...(said && { registryCode: said.code }),
      ...((answer.transient || transientStatuses.has(status)) && { transient: true }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(rateLimit && { rateLimit }),
    },
  });
}

function readErrors(body: Uint8Array): { code: string; message: string } | undefined {
  const first = readErrorBody(body);
  return first && { code: first.code, message: printable(first.message || first.code) };
}

/** A registry's words for a terminal: one line without control characters, of bounded length. */
export function printable(text: string): string {
  return text
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, maxErrorMessageLength);
}

/** Whether trying again may help. */
export function isTransient(error: unknown): error is GalleyError {
  return isGalleyError(error) && error.details["transient"] === true;
}
