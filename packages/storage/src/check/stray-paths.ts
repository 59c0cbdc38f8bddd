import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { parseOwnerTag } from "../owner-tag.ts";
import { absentAsUndefined } from "../system-error.ts";

/**
 * Everything under a root that is none of the store's: names that nothing here would have given. What is inside of layers and
 * containers is not looked at. Work of living processes and beginnings of transfers are the store's.
 *
 * @param root the directory given to `openStorage`
 *
 * @example
 * for await (const hostPath of strayPaths("/var/lib/galley")) console.log(hostPath);
 */
export async function* strayPaths(root: string): AsyncIterable<string> {
  for (const [folder, known] of Object.entries(knownNames)) {
    const directory = folder === "" ? root : `${root}/${folder}`;
    for (const entry of (await absentAsUndefined(readdir(directory, { withFileTypes: true }))) ?? [])
      if (!known(entry)) yield `${directory}/${entry.name}`;
  }
}

type Known = (entry: Dirent) => boolean;

const flat = /^(sha256-[0-9a-f]{64}|sha512-[0-9a-f]{128})$/;
const hex = (length: number): RegExp => new RegExp(`^[0-9a-f]{${length}}$`);

function directories(...names: string[]): Known {
  return (entry) => entry.isDirectory() && names.includes(entry.name);
}

function files(pattern: RegExp): Known {
  return (entry) => entry.isFile() && pattern.test(entry.name);
}

function owned(rest: RegExp): Known {
  return ({ name }) => rest.test(parseOwnerTag(name)?.rest ?? "");
}

function either(...some: Known[]): Known {
  return (entry) => some.some((known) => known(entry));
}

/** The README's "The root directory", as tests of names. */
const knownNames: Readonly<Record<string, Known>> = {
  "": either(
    directories("content", "layers", "containers", "leases"),
    files(
      /^galley\.db(-wal|-shm|-journal|\.copy|\.reserve|\.damaged(-wal|-shm)?|\.\d+-\d+-[0-9a-f]{16}\.(new|copy)(-wal|-shm|-journal)?)?$/,
    ),
  ),
  content: directories("blobs", "staging", "partial", "hidden"),
  "content/blobs": directories("sha256", "sha512"),
  "content/blobs/sha256": files(hex(64)),
  "content/blobs/sha512": files(hex(128)),
  "content/staging": owned(flat),
  "content/partial": files(flat),
  "content/hidden": owned(flat),
  layers: either(
    directories("staging", "empty"),
    (entry) => entry.isDirectory() && (hex(64).test(entry.name) || hex(128).test(entry.name)),
  ),
  "layers/staging": owned(/^[0-9a-f]+(\.new|\.hidden|\.dead)?$/),
  "layers/empty": directories("0", "1"),
  "layers/empty/0": () => false,
  "layers/empty/1": () => false,
  containers: (entry) => entry.isDirectory() && (hex(64).test(entry.name) || entry.name === ".removing"),
  "containers/.removing": owned(/^[0-9a-f]{64}$/),
  leases: owned(/^lease$/),
};
