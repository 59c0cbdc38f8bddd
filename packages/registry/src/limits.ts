/** Largest accepted manifest, index or error-free JSON answer. */
export const maxManifestBytes = 4 * 1024 * 1024;

/** Most of an error's body that is read, and of its message that is shown. */
export const maxErrorBodyBytes = 64 * 1024;
export const maxErrorMessageLength = 300;

/** Largest answer of a token service, and shortest time that a token is kept. */
export const maxTokenBodyBytes = 256 * 1024;
export const minTokenLifeMs = 60_000;

/** Largest auth file. */
export const maxAuthFileBytes = 1024 * 1024;

/** Redirects followed for one request. */
export const maxRedirects = 5;

/** Challenges looked at in one answer, and characters of the header. */
export const maxChallengeLength = 8192;

/** Pages of tags in one listing. */
export const maxTagPages = 1000;

/** A retry forgets the ones before it once this much of a blob has arrived in between. */
export const progressBytes = 1024 * 1024;

/** A longer Retry-After is not waited for. */
export const maxRetryAfterMs = 60_000;

/** Connections to one host. */
export const maxConnections = 8;

/** Bytes of a blob read ahead of the consumer. */
export const readAheadBytes = 1024 * 1024;
