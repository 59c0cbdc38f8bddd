/** Largest accepted manifest, index or error-free JSON answer. */
export const maxManifestBytes = 4 * 1024 * 1024;

/** Most of an error's body that is read, and of its message that is shown. */
export const maxErrorBodyBytes = 64 * 1024;
export const maxErrorMessageLength = 300;

/** Largest answer of a token service, and shortest time that a token is kept. */
export const maxTokenBodyBytes = 256 * 1024;
export const minTokenLifeMs = 60_000;

/** Largest auth file, and links followed from its name to where it is. */
export const maxAuthFileBytes = 1024 * 1024;
export const maxAuthFileLinks = 8;

/** How long to wait for others who write the same auth file, and the age at which an edit is not believed any more. */
export const authFileLockLimitMs = 15_000;
export const authFileLockStaleMs = 150_000;

/** Largest answer of a credential helper, and how long it may take: it may have to ask its user. */
export const maxCredentialHelperBytes = 256 * 1024;
export const credentialHelperLimitMs = 120_000;

/** Tokens kept at once, for as many sets of scopes. */
export const maxTokens = 64;

/** Redirects followed for one request. */
export const maxRedirects = 5;

/** Challenges looked at in one answer, and characters of the header. */
export const maxChallengeLength = 8192;

/** Pages of one list: tags, repositories, referrers. */
export const maxListPages = 1000;

/** A retry forgets the ones before it once this much of a blob has arrived in between. */
export const progressBytes = 1024 * 1024;

/** A longer Retry-After is not waited for. */
export const maxRetryAfterMs = 60_000;

/** Connections to one host. More than there are transfers, so that a question need not wait for the end of a blob. */
export const maxSockets = 16;

/** Blobs on their way at once, when the options do not say. */
export const defaultMaxTransfers = 6;

/** Bytes of a blob read ahead of the consumer. */
export const readAheadBytes = 1024 * 1024;

/** A transfer that brings less than this in the time of a stall counts as stalled. */
export const minStallBytes = 4096;

/** Repositories asked whether a blob can be taken from them. */
export const maxMountCandidates = 5;

/** Pieces of a blob for a registry, or something before it, that does not take it in one; and the smallest. */
export const defaultChunkBytes = 32 * 1024 * 1024;
export const minChunkBytes = 256 * 1024;

/** Content that can be read only once is kept up to this size while it is pushed, so that it can be sent again. */
export const maxKeptContentBytes = 1024 * 1024;

/** Places of a foreign layer that are asked. */
export const maxForeignPlaces = 5;

/** Results of one search. */
export const maxSearchResults = 10_000;
