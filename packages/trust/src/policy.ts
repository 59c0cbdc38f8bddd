/** Which images may come, by where they come from (containers-policy.json(5)). */
export interface Policy {
  /** The file; undefined when none exists, and everything may come. */
  readonly path?: string;
  readonly default: readonly Requirement[];
  /** By transport, then by scope; an empty scope is the transport's default. */
  readonly transports: ReadonlyMap<string, ReadonlyMap<string, readonly Requirement[]>>;
}

/** What an image must meet. All of a list must be met. */
export type Requirement =
  | { readonly type: "insecureAcceptAnything" }
  | { readonly type: "reject" }
  | SignedBy
  | SigstoreSigned
  | Unsupported;

/** A simple signature by one of the keys of a GPG key ring. */
export interface SignedBy {
  readonly type: "signedBy";
  readonly keys: readonly KeySource[];
  readonly identity: SignedIdentity;
}

/** A sigstore signature by a key, or by a certificate that was given to somebody. */
export interface SigstoreSigned {
  readonly type: "sigstoreSigned";
  /** One of them must have signed; empty when `fulcio` is given. */
  readonly keys: readonly KeySource[];
  readonly fulcio?: Fulcio;
  /** Of transparency logs, one of which must have recorded the signature. Not asked for when there are none. */
  readonly rekorKeys: readonly KeySource[];
  readonly identity: SignedIdentity;
}

/** Who must have signed, and who says so. */
export interface Fulcio {
  readonly ca: KeySource;
  readonly oidcIssuer: string;
  readonly subjectEmail: string;
}

/** A requirement that is known but cannot be checked, and so is never met. */
export interface Unsupported {
  readonly type: "unsupported";
  readonly what: string;
}

/** Keys or certificates: a file, or what would be in it. */
export type KeySource = { readonly path: string } | { readonly data: Uint8Array };

/** Which name a signature must carry for an image. */
export type SignedIdentity =
  | { readonly type: "matchExact" | "matchRepoDigestOrExact" | "matchRepository" }
  | { readonly type: "exactReference"; readonly dockerReference: string }
  | { readonly type: "exactRepository"; readonly dockerRepository: string }
  | { readonly type: "remapIdentity"; readonly prefix: string; readonly signedPrefix: string };
