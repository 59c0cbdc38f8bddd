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
  readonly timeouts?: Partial<Timeouts>;
  readonly retry?: Partial<RetryPolicy>;
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
