import { type GalleyError, galleyError } from "@galley/spec";
import { maxBcryptCost } from "./limits.ts";

/**
 * Reads a password file of Apache's htpasswd(1): bcrypt hashes by user name. Throws `invalid` and says which line cannot
 * be used: other kinds of hashes are too easily guessed from, and a file that is half understood locks people out.
 *
 * @example
 * parseHtpasswd("me:$2y$05$…").get("me"); // "$2y$05$…"
 */
export function parseHtpasswd(text: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const [index, line] of text.split("\n").entries()) {
    const entry = line.trim();
    if (entry === "" || entry.startsWith("#")) continue;
    const colon = entry.indexOf(":");
    const hash = entry.slice(colon + 1);
    if (colon < 1) throw bad(index, "not a user name and a hash");
    if (!isBcrypt(hash)) throw bad(index, `its hash is ${kindOf(hash)}, only bcrypt is taken (htpasswd -B)`);
    if (Number(hash.slice(4, 6)) > maxBcryptCost) throw bad(index, `its cost is more than ${maxBcryptCost}`);
    users.set(entry.slice(0, colon), hash);
  }
  return users;
}

function isBcrypt(hash: string): boolean {
  return /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/.test(hash);
}

function kindOf(hash: string): string {
  if (/^\$2.?\$/.test(hash)) return "a malformed bcrypt";
  if (hash.startsWith("{SHA}")) return "SHA-1";
  if (hash.startsWith("$apr1$")) return "MD5";
  return /^\$[56]\$/.test(hash) ? "SHA-2" : "crypt or plain text";
}

function bad(index: number, why: string): GalleyError {
  return galleyError("invalid", "registry-server.bad-htpasswd", `read htpasswd: line ${index + 1}: ${why}`);
}
