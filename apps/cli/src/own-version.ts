import manifest from "../package.json" with { type: "json" };

/** The version in our package.json; bundling puts it in. */
export function ownVersion(): string {
  return manifest.version;
}
