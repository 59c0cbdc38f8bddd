import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { credentialsFromConf } from "./credentials-from-conf.ts";

const folder = mkdtempSync(join(tmpdir(), "galley-helpers-"));
afterAll(() => rmSync(folder, { recursive: true }));
const answer = '{"ServerURL":"a.example","Username":"helper","Secret":"s"}';
writeFileSync(
  join(folder, "docker-credential-known"),
  `#!/bin/sh\nread name\n[ "$name" = a.example ] && echo '${answer}' || { echo credentials not found in native keychain; exit 1; }\n`,
);
chmodSync(join(folder, "docker-credential-known"), 0o755);

const environment = { PATH: `${folder}:${process.env["PATH"]}` };
const files = async () => ({ username: "file", password: "p" });
const conf = { path: "/x", shortNameMode: "permissive" as const, aliases: new Map(), registries: [] };
const look = (credentialHelpers: string[], domain: string) =>
  credentialsFromConf({ ...conf, credentialHelpers }, { files, environment })(domain, "app");

test("credentialsFromConf() looks into the auth files when nothing is listed", async () => {
  expect(await look([], "a.example")).toMatchObject({ username: "file" });
});

test("credentialsFromConf() goes by the order of the list", async () => {
  expect(await look(["known", "containers-auth.json"], "a.example")).toMatchObject({ username: "helper" });
  expect(await look(["containers-auth.json", "known"], "a.example")).toMatchObject({ username: "file" });
  expect(await look(["known", "containers-auth.json"], "b.example")).toMatchObject({ username: "file" });
  expect(await look(["known"], "b.example")).toBeUndefined();
});

test("credentialsFromConf() does not go on without a helper that is listed", async () => {
  await expect(look(["missing", "containers-auth.json"], "a.example")).rejects.toMatchObject({ kind: "unavailable" });
});
