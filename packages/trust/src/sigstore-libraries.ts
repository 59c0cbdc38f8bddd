// In one file, so that a bundler that makes a file of each import() gives them one copy of what they share.
export { bundleFromJSON } from "@sigstore/bundle";
export { X509Certificate } from "@sigstore/core";
export { toSignedEntity, Verifier } from "@sigstore/verify";
