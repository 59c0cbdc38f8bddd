import { type GalleyError, galleyError, isGalleyError } from "@galley/spec";
import { printable } from "./registry-error.ts";

interface Meaning {
  readonly words: string;
  /** Whether the same may work a moment later. */
  readonly transient: boolean;
  /** Failures after which it is believed; as many as the retry policy says when not given. */
  readonly maxFailures?: number;
}

const meanings: Readonly<Record<string, Meaning>> = {
  // A registry that is just being started; one that is not there should be told soon.
  ECONNREFUSED: { words: "connection refused", transient: true, maxFailures: 2 },
  ENOTFOUND: { words: "host not found", transient: false },
  EAI_AGAIN: { words: "host not found, the name service does not answer", transient: true, maxFailures: 2 },
  EHOSTUNREACH: { words: "host unreachable", transient: false },
  ENETUNREACH: { words: "network unreachable", transient: false },
  ECONNRESET: { words: "connection lost", transient: true },
  EPIPE: { words: "connection lost", transient: true },
  ETIMEDOUT: { words: "connection timed out", transient: true },
  CONNECT_TIMEOUT: { words: "connection timed out", transient: false },
  ANSWER_TIMEOUT: { words: "no answer in time", transient: true },
  STALLED: { words: "the transfer stalled", transient: true },
};

/** What the other side says about our certificate (RFC 8446, section 6.2), as OpenSSL names it. */
const wantsCertificate = /^ERR_SSL_.*ALERT_(?:CERTIFICATE_|BAD_CERTIFICATE|UNKNOWN_CA)/;

const untrusted = /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/;

/** The error for a request that got no answer, or only part of one. An aborted one is `cancelled`. */
export function connectionError(host: string, cause: unknown, signal?: AbortSignal): GalleyError {
  if (isGalleyError(cause)) return cause;
  if (signal?.aborted) return galleyError("cancelled", "cancelled", `registry ${host}: cancelled`, { cause });
  const code = errorCode(cause);
  if (untrusted.test(code)) {
    const why = printable(cause instanceof Error ? cause.message : code);
    const message = `registry ${host} has a certificate that is not trusted: ${why}`;
    return galleyError("unavailable", "registry.untrusted-certificate", message, { details: { host, code }, cause });
  }
  if (wantsCertificate.test(code)) {
    const message = `registry ${host} wants a client certificate, and the one it got, if any, will not do`;
    return galleyError("unavailable", "registry.client-certificate", message, { details: { host, code }, cause });
  }
  const { words, transient, maxFailures } = meaningOf(code);
  const message = `registry ${host} does not answer: ${words}`;
  const details = { host, code, ...(transient && { transient }), ...(maxFailures !== undefined && { maxFailures }) };
  return galleyError("unavailable", "registry.unreachable", message, { details, cause });
}

/** Whether a certificate was refused for who has signed it, rather than for what it says. */
export function isUnknownAuthority(cause: unknown): boolean {
  return /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/.test(errorCode(cause));
}

/** Whether an error says that the other side does not speak what was tried, TLS or plain HTTP. */
export function isProtocolError(error: GalleyError): boolean {
  const code = String(error.details["code"]);
  return (
    code === "EPROTO" || code === "ECONNRESET" || (/^(?:ERR_SSL_|HPE_)/.test(code) && !wantsCertificate.test(code))
  );
}

/** Whether an error says that nobody listens. */
export function isRefused(error: GalleyError): boolean {
  return error.details["code"] === "ECONNREFUSED";
}

function meaningOf(code: string): Meaning {
  if (Object.hasOwn(meanings, code) && meanings[code]) return meanings[code];
  if (code.startsWith("HPE_")) return { words: "what it sends is not HTTP", transient: false };
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) return { words: "it does not speak TLS", transient: false };
  return { words: printable(code), transient: false };
}

function errorCode(cause: unknown): string {
  if (typeof cause !== "object" || cause === null) return "unknown failure";
  if ("code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.message || cause.name : "unknown failure";
}
