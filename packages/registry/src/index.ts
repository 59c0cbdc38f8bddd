export { type AuthFileOptions, credentialsFromAuthFiles, findCredentials, type ReadTextFile } from "./auth-files.ts";
export { type AuthPlaces, authFilePaths } from "./auth-places.ts";
export { type CandidateOptions, type Candidates, candidatesFor } from "./config/candidates-for.ts";
export { type CertificateOptions, certificatesFor } from "./config/certs-d.ts";
export { type ConfCredentialOptions, credentialsFromConf } from "./config/credentials-from-conf.ts";
export { type Endpoint, endpointsFor } from "./config/endpoints-for.ts";
export { findRegistry, refuseBlocked } from "./config/find-registry.ts";
export { type MirroredOptions, openMirrored } from "./config/open-mirrored.ts";
export { type RegistriesConfOptions, readRegistriesConf } from "./config/read-registries-conf.ts";
export type {
  MirrorEntry,
  RegistriesConf,
  RegistryEntry,
  ShortNameAlias,
  ShortNameMode,
} from "./config/registries-conf.ts";
export type { OpenContent } from "./content-reader.ts";
export { type CredentialHelper, type CredentialHelperOptions, openCredentialHelper } from "./credential-helper.ts";
export { type CredentialKey, checkCredentialKey } from "./credential-key.ts";
export type { FetchedManifest } from "./fetch-manifest.ts";
export { forgetAllCredentials, forgetCredentials } from "./forget-credentials.ts";
export { type KnownLogin, listCredentials } from "./list-credentials.ts";
export type { ReferrersOptions } from "./list-referrers.ts";
export type { CredentialLookup, Credentials, RegistryOptions, RetryPolicy, Timeouts, TlsOptions } from "./options.ts";
export { readTextFile } from "./read-text-file.ts";
export { openRegistry, type Registry } from "./registry.ts";
export { openRepository, type Repository } from "./repository.ts";
export { type SavedCredentials, saveCredentials } from "./save-credentials.ts";
export type { SearchOptions, SearchResult } from "./search.ts";
export type { StreamedUpload } from "./stream-upload.ts";
export type { TransferOptions, TransferProgress } from "./transfer.ts";
export { isLoopback } from "./trust.ts";
export { verified } from "./verified.ts";
export { verifyLogin } from "./verify-login.ts";
