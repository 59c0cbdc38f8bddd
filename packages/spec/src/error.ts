/** What kind of trouble an error is. The set is closed; only apps turn a kind into an HTTP status or an exit code. */
export type ErrorKind =
  | "invalid"
  | "not-found"
  | "conflict"
  | "unauthorized"
  | "forbidden"
  | "unsupported"
  | "unavailable"
  | "cancelled"
  | "corrupt"
  | "internal";

/** Facts for programs; the message is for people. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

// Registered globally: two installed copies of this package recognise each other's errors, where instanceof would not.
const brand: unique symbol = Symbol.for("@galley/spec error");

/**
 * The one error shape. Make it with {@link galleyError}, recognise it with {@link isGalleyError} (never `instanceof`).
 *
 * @example
 * try { parseReference("Foo"); } catch (error) { if (isGalleyError(error)) console.error(error.kind, error.code); }
 */
export class GalleyError extends Error {
  override readonly name = "GalleyError";
  readonly kind: ErrorKind;
  /** Stable and dotted: `registry.manifest-unknown`. */
  readonly code: string;
  readonly details: ErrorDetails;
  readonly [brand] = true;

  constructor(kind: ErrorKind, code: string, message: string, options: GalleyErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.code = code;
    this.details = options.details ?? {};
  }
}

export interface GalleyErrorOptions {
  readonly details?: Record<string, unknown>;
  readonly cause?: unknown;
}

/**
 * Makes an error. The message says what was being done to what: lower case, one line, no full stop.
 *
 * @example
 * throw galleyError("not-found", "storage.no-blob", `blob ${digest} is not in the store`, { details: { digest } });
 */
export function galleyError(
  kind: ErrorKind,
  code: string,
  message: string,
  options: GalleyErrorOptions = {},
): GalleyError {
  return new GalleyError(kind, code, message, options);
}

/**
 * Whether a thrown value is a Galley error, of the given kind when one is given.
 *
 * @example
 * if (isGalleyError(error, "not-found")) return undefined;
 */
export function isGalleyError(value: unknown, kind?: ErrorKind): value is GalleyError {
  if (typeof value !== "object" || value === null || !(brand in value)) return false;
  return kind === undefined || (value as GalleyError).kind === kind;
}

/**
 * Adds what was being done to an error from below. A Galley error keeps kind, code and details; an abort becomes
 * `cancelled`; anything else `internal`.
 *
 * @example
 * try { await pull(); } catch (error) { throw wrapError(`pull ${name}`, error); }
 */
export function wrapError(doing: string, cause: unknown): GalleyError {
  if (isGalleyError(cause)) {
    return galleyError(cause.kind, cause.code, `${doing}: ${cause.message}`, { details: cause.details, cause });
  }
  if (isAbort(cause)) return galleyError("cancelled", "cancelled", `${doing}: cancelled`, { cause });
  return galleyError("internal", "internal", `${doing}: ${firstLine(cause)}`, { cause });
}

function isAbort(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "AbortError";
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return text.split("\n", 1)[0] ?? "";
}
