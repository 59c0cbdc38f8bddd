export { checkPolicy, type PolicyImage, requirementsFor, type SignatureSource } from "./check-policy.ts";
export { lookasideSignatures } from "./lookaside-signatures.ts";
export { parsePolicy } from "./parse-policy.ts";
export type {
  Fulcio,
  KeySource,
  Policy,
  Requirement,
  SignedBy,
  SignedIdentity,
  SigstoreSigned,
  Unsupported,
} from "./policy.ts";
export { type ReadPolicyOptions, readPolicy } from "./read-policy.ts";
export { type ImagePlace, scopesOf } from "./scopes.ts";
export { type SignatureStore, type SignatureStoreOptions, signatureStoreFor } from "./signature-stores.ts";
export { acceptsIdentity } from "./signed-identity.ts";
export { type SignatureRepository, sigstoreAttachments } from "./sigstore-attachments.ts";
export type { SigstoreSignature } from "./sigstore-signature.ts";
export { type VerifyOpenPgp, verifyOpenPgp } from "./verify-open-pgp.ts";
