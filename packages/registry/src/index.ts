export { type AuthFileOptions, authFilePaths, credentialsFromAuthFiles, type ReadTextFile } from "./auth-files.ts";
export type { FetchedManifest } from "./fetch-manifest.ts";
export type { CredentialLookup, Credentials, RegistryOptions, RetryPolicy, Timeouts } from "./options.ts";
export { readTextFile } from "./read-text-file.ts";
export { openRepository, type Repository } from "./repository.ts";
export type { TransferOptions, TransferProgress } from "./transfer.ts";
export { isLoopback } from "./trust.ts";
export { verified } from "./verified.ts";
