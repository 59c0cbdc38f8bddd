import type { Descriptor } from "@galley/spec";

/** What opens a registry's door. An identity token stands in for a password, which is then not needed. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly identityToken?: string;
}

/** Gives the credentials for a repository of a registry; undefined when there are none. */
export type CredentialLookup = (domain: string, repository: string) => Promise<Credentials | undefined>;

/** How long to wait. */
export interface Timeouts {
  /** For a connection. */
  readonly connectMs: number;
  /** For the beginning of an answer. */
  readonly headersMs: number;
  /** For the next bytes of an answer. */
  readonly stallMs: number;
}

/** How often to try, and how long to wait in between: doubling from the base up to the limit. */
export interface RetryPolicy {
  /** The first one counts too. */
  readonly attempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** PEM texts, for a registry with a certificate authority of its own or that wants to see a client's certificate. */
export interface TlsOptions {
  /** Authorities that are trusted instead of the usual ones, which are Node's and this machine's. */
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
}

export interface RegistryOptions {
  /** Anonymous without it. */
  readonly credentials?: CredentialLookup;
  /**
   * True: only HTTPS with a trusted certificate. False: any certificate, and plain HTTP when HTTPS does not answer.
   * Not given: true, but false for registries on a loopback address.
   */
  readonly tlsVerify?: boolean;
  /** Whether plain HTTP may be used; `loopback` when not given, and overruled by `tlsVerify` when that is given. */
  readonly plainHttp?: "never" | "loopback" | "always";
  /** For HTTPS, besides what `tlsVerify` says. */
  readonly tls?: TlsOptions;
  readonly timeouts?: Partial<Timeouts>;
  readonly retry?: Partial<RetryPolicy>;
  /** Blobs on their way at once, in both directions together; 6 when not given. Others wait for their turn. */
  readonly maxTransfers?: number;
  /**
   * Repositories of the same registry that may have what is to be pushed, likely ones first: the registry is then asked
   * to take it from there before anything is sent. Five are tried at most.
   */
  readonly mountFrom?: (descriptor: Descriptor) => readonly string[];
  /** Pushes blobs in pieces of so many bytes. In one piece when not given, unless the registry refuses that. */
  readonly chunkBytes?: number;
  /** What to call oneself. */
  readonly userAgent?: string;
}

const defaultTimeouts: Timeouts = { connectMs: 15_000, headersMs: 60_000, stallMs: 60_000 };
const defaultRetry: RetryPolicy = { attempts: 5, baseDelayMs: 500, maxDelayMs: 15_000 };

/** All waiting times, with defaults. */
export function timeoutsOf(options: RegistryOptions): Timeouts {
  return { ...defaultTimeouts, ...options.timeouts };
}

/** The retry policy, with defaults. */
export function retryOf(options: RegistryOptions): RetryPolicy {
  return { ...defaultRetry, ...options.retry };
}
