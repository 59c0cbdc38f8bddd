/** Largest accepted manifest, as the distribution specification asks for. */
export const maxManifestBytes = 4 * 1024 * 1024;

/** Largest accepted blob, when the options do not say. */
export const defaultMaxBlobBytes = 64 * 1024 * 1024 * 1024;

/** Uploads that may be open at once; each may hold staged content. */
export const maxOpenUploads = 512;

/** An upload that nobody has touched for so long is discarded when the next one begins. */
export const uploadIdleMs = 15 * 60 * 1000;

/** A connection on which nothing moves for so long is cut. */
export const connectionIdleMs = 2 * 60 * 1000;

/** Most tags that a manifest can be given as it is pushed. */
export const maxTagsPerPush = 100;

/** Costliest hash of a password that is checked: each step doubles the time, from a twentieth of a second at 10. */
export const maxBcryptCost = 14;

/** Largest Authorization header that is looked at, and passwords known to be right that are remembered. */
export const maxAuthorizationLength = 4096;
export const maxKnownPasswords = 256;

/** Most tags or repositories in one page, and most manifests looked at for one list of referrers. */
export const maxNamesPerPage = 10_000;
export const maxReferrers = 10_000;
