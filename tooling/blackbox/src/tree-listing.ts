import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Every name of a tree with all that an archive can carry of it; names as Latin-1, so that any byte shows. */
export type TreeListing = ReadonlyMap<string, string>;

/** Lists a tree by Node's own means and getfattr: what judges our programs must not be one of them. */
export function listTree(root: string): TreeListing {
  const attributes = extendedAttributes(root);
  const firstNames = new Map<bigint, string>();
  const listing = new Map<string, string>();
  const visit = (name: string): void => {
    const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")]);
    const stat = lstatSync(path, { bigint: true });
    if (!firstNames.has(stat.ino)) firstNames.set(stat.ino, name);
    const common = [stat.mode.toString(8), stat.uid, stat.gid, stat.mtimeNs, attributes.get(name) ?? ""];
    const links = stat.isDirectory() ? [] : [stat.nlink, `with ${firstNames.get(stat.ino)}`];
    listing.set(name, [...common, ...links, contentOf(path, stat)].join(" | "));
    if (!stat.isDirectory()) return;
    const names = readdirSync(path, { encoding: "buffer" }).map((each) => each.toString("latin1"));
    for (const each of names.sort()) visit(name === "" ? each : `${name}/${each}`);
  };
  visit("");
  return listing;
}

function contentOf(path: Buffer, stat: BigIntStats): string {
  if (stat.isFile()) return `${stat.size} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
  if (stat.isSymbolicLink()) return readlinkSync(path, "buffer").toString("latin1");
  return stat.isCharacterDevice() || stat.isBlockDevice() ? `device ${stat.rdev}` : "";
}

/** All extended attributes by name; what overlay keeps for itself is none of the tree's. */
function extendedAttributes(root: string): Map<string, string> {
  const flags = ["--recursive", "--physical", "--no-dereference", "--dump", "--match=-", "--encoding=hex"];
  const dump = execFileSync("getfattr", [...flags, "."], { cwd: root, maxBuffer: 1 << 28, encoding: "latin1" });
  const found = new Map<string, string>();
  for (const block of dump.split("\n\n")) {
    const [heading = "", ...lines] = block.split("\n");
    const name = heading
      .replace(/^# file: (\.\/|\.$)?/, "")
      .replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    found.set(
      name,
      lines
        .filter((line) => line !== "")
        .sort()
        .join(" "),
    );
  }
  return found;
}

/** What differs between two trees, a line for each name; empty when nothing does. */
export function treeDifferences(expected: TreeListing, found: TreeListing): string[] {
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names]
    .filter((name) => expected.get(name) !== found.get(name))
    .map(
      (name) =>
        `${JSON.stringify(name)}: expected ${expected.get(name) ?? "nothing"}, found ${found.get(name) ?? "nothing"}`,
    );
}
