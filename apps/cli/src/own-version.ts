import { createRequire } from "node:module";

/** The version in our package.json, found by name: how deep a bundled module lies is the bundler's business. */
export function ownVersion(): string {
  const manifest = createRequire(import.meta.url)("@galley/cli/package.json") as { readonly version: string };
  return manifest.version;
}
