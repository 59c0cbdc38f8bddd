import { existsSync, globSync, readFileSync } from "node:fs";

/** Where this machine gets its Debian packages from. */
export interface DebianMirror {
  readonly uri: string;
  readonly suite: string;
}

const stanza = (text: string, field: string): string[] =>
  (new RegExp(`^${field}:(.*)$`, "m").exec(text)?.[1] ?? "").trim().split(/\s+/).filter(Boolean);

/** deb822-style sources (sources.list(5)). */
function ofSources(path: string): DebianMirror[] {
  return readFileSync(path, "utf8")
    .split(/\n\s*\n/)
    .flatMap((text) => stanza(text, "URIs").flatMap((uri) => stanza(text, "Suites").map((suite) => ({ uri, suite }))));
}

/** One-line-style sources (sources.list(5)). */
function ofList(path: string): DebianMirror[] {
  const lines = readFileSync(path, "utf8").matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/gm);
  return [...lines].map(([, uri = "", suite = ""]) => ({ uri, suite }));
}

/** The first configured mirror of this machine's own Debian release; undefined on other systems. */
export function debianMirror(): DebianMirror | undefined {
  if (!existsSync("/etc/os-release") || !existsSync("/etc/apt")) return undefined;
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  const found = [
    ...globSync("/etc/apt/{sources.list,sources.list.d/*.list}").flatMap(ofList),
    ...globSync("/etc/apt/sources.list.d/*.sources").flatMap(ofSources),
  ];
  return found.find(({ suite }) => suite === release);
}
