/** Largest policy file, and file of registries.d. */
export const maxPolicyBytes = 1024 * 1024;

/** Largest file of keys or certificates. */
export const maxKeyFileBytes = 1024 * 1024;

/** Signatures of one image that are looked at; what comes after them does not count. */
export const maxSignatures = 128;

/** Referrers with signatures in them that are looked at. */
export const maxReferrers = 16;

/** Largest signed statement about an image, and largest simple signature around one. */
export const maxPayloadBytes = 64 * 1024;
export const maxSimpleSignatureBytes = 4 * 1024 * 1024;

/** Longest text of an annotation with a certificate, a chain or a log entry. */
export const maxAnnotationLength = 512 * 1024;

/** Certificates of one chain that are looked at. */
export const maxChainCertificates = 8;

/** How long `gpgv` may take. */
export const gpgvLimitMs = 30_000;

/** How long a signature store may take to answer. */
export const lookasideLimitMs = 30_000;
