import { hash } from "bcryptjs";
import { expect, test } from "vitest";
import { parseHtpasswd } from "./htpasswd.ts";
import { htpasswdAccess } from "./htpasswd-access.ts";
import { createMemoryStore } from "./memory-store.ts";
import { serveRegistry } from "./serve-registry.ts";

const good = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const ask = (authorize: ReturnType<typeof htpasswdAccess>, authorization?: string) =>
  authorize({ action: "pull", repository: "a", headers: authorization === undefined ? {} : { authorization } });

test("parseHtpasswd() reads users, and leaves out comments and empty lines", () => {
  expect([...parseHtpasswd(`# people\n\nme:${good}\r\n  you:${good.replace("y", "b")}\n`).keys()]).toEqual([
    "me",
    "you",
  ]);
});

test.each([
  ["me:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "its hash is SHA-1"],
  ["me:$apr1$x$y", "its hash is MD5"],
  ["me:$6$x$y", "its hash is SHA-2"],
  ["me:secret", "its hash is crypt or plain text"],
  ["me:$2y$05$short", "its hash is a malformed bcrypt"],
  [`me:${good.replace("05", "31")}`, "its cost is more than 14"],
  ["me", "not a user name and a hash"],
  [`:${good}`, "not a user name and a hash"],
])("parseHtpasswd() refuses %j and does not repeat it", (line, why) => {
  const read = () => parseHtpasswd(`# one\n${line}`);
  expect(read).toThrow(`line 2: ${why}`);
  expect(read).not.toThrow("secret");
});

test("htpasswdAccess() lets in the right password, also a second time, and no other", async () => {
  const authorize = htpasswdAccess(`me:${(await hash("pass:wörd", 4)).replace("$2b$", "$2y$")}`);
  for (const _ of [1, 2]) expect(await ask(authorize, basic("me:pass:wörd"))).toBe("allow");
  for (const wrong of [undefined, "", "Bearer x", "Basic", "Basic !", basic("me"), `Basic ${"A".repeat(5000)}`]) {
    expect(await ask(authorize, wrong)).toEqual({ challenge: 'Basic realm="galley", charset="UTF-8"' });
  }
  for (const wrong of ["me:", "me:pass", "you:pass:wörd", ":pass:wörd", "me\0:pass:wörd", "__proto__:x"]) {
    expect(await ask(authorize, basic(wrong))).not.toBe("allow");
  }
});

test("htpasswdAccess() guards a server", async () => {
  const authorize = htpasswdAccess(`me:${await hash("secret", 4)}`);
  await using registry = await serveRegistry({ store: createMemoryStore(), authorize });
  const refused = await fetch(`${registry.url}/v2/`);
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
    401,
    expect.stringMatching(/^Basic realm=/),
  ]);
  const welcome = await fetch(`${registry.url}/v2/`, { headers: { authorization: basic("me:secret") } });
  expect(welcome.status).toBe(200);
});
