import { createHmac, randomBytes } from "node:crypto";
import { compare } from "bcryptjs";
import { parseHtpasswd } from "./htpasswd.ts";
import { maxAuthorizationLength, maxKnownPasswords } from "./limits.ts";
import type { AccessRequest, Verdict } from "./registry-handler.ts";

/** Compared with when there is no such user, so that the time does not tell. Of no password. */
const nobody = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/**
 * Lets in whoever is in a htpasswd(1) file (bcrypt only), with Basic (RFC 7617); all may do everything. Throws `invalid`
 * when the text cannot be used.
 *
 * @example
 * await serveRegistry({ store, authorize: htpasswdAccess(await readFile("htpasswd", "utf8")) });
 */
export function htpasswdAccess(text: string, { realm = "galley" } = {}): (access: AccessRequest) => Promise<Verdict> {
  const users = parseHtpasswd(text);
  const challenge = { challenge: `Basic realm="${realm.replaceAll(/["\\\p{C}]/gu, "")}", charset="UTF-8"` };
  const isKnown = rememberGood(users);
  return async ({ headers }) => {
    const given = readBasic(headers.authorization);
    return given && (await isKnown(given)) ? "allow" : challenge;
  };
}

interface Given {
  readonly user: string;
  readonly password: string;
}

function readBasic(header: string | undefined): Given | undefined {
  if (header === undefined || header.length > maxAuthorizationLength) return undefined;
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header) ?? [];
  const text = Buffer.from(encoded ?? "", "base64").toString();
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * A pull is many requests and a hash is slow by intention, so what was found right once is known by a hash that only this
 * process can make. One question at a time: guessers wait for each other.
 */
function rememberGood(users: ReadonlyMap<string, string>): (given: Given) => Promise<boolean> {
  const secret = randomBytes(32);
  const good = new Set<string>();
  let before: Promise<unknown> = Promise.resolve();
  return ({ user, password }) => {
    const seal = createHmac("sha256", secret).update(`${user.length}:${user}:${password}`).digest("base64");
    if (good.has(seal)) return Promise.resolve(true);
    const answer = before.then(async () => {
      if (good.has(seal)) return true;
      const hash = users.get(user);
      const matches = (await compare(password, hash ?? nobody)) && hash !== undefined;
      if (matches && good.size < maxKnownPasswords) good.add(seal);
      return matches;
    });
    before = answer.catch(() => undefined);
    return answer;
  };
}
