import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openCredentialHelper } from "./credential-helper.ts";

/** A helper that is a shell script; `$1` is the verb. */
async function scripted(script: string, timeLimitMs = 5000) {
  const directory = await mkdtemp(join(tmpdir(), "galley-helper-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "docker-credential-test");
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  const environment = { PATH: `relative::/nonexistent:${directory}:/usr/bin:/bin`, LOG: join(directory, "log") };
  return {
    helper: openCredentialHelper("test", { environment, timeLimitMs }),
    log: () => readFile(environment.LOG, "utf8"),
  };
}

const answer = (value: object) => `cat >/dev/null; echo '${JSON.stringify(value)}'`;

test("openCredentialHelper() gets a name and a secret", async () => {
  const { helper, log } = await scripted(
    `echo "$# $1 $(cat)" >"$LOG"; echo '{"ServerURL":"a.io","Username":"AWS","Secret":"s:cret"}'`,
  );
  expect(await helper.get("a.io")).toEqual({ username: "AWS", password: "s:cret" });
  expect(await log()).toBe("1 get a.io\n");
});

test("openCredentialHelper() gets an identity token", async () => {
  const { helper } = await scripted(answer({ Username: "<token>", Secret: "refresh" }));
  expect(await helper.get("a.io")).toEqual({ username: "", password: "", identityToken: "refresh" });
});

test("openCredentialHelper() takes no credentials for none", async () => {
  const { helper } = await scripted("cat >/dev/null; echo 'credentials not found in native keychain'; exit 1");
  expect(await helper.get("a.io")).toBeUndefined();
  expect(await helper.erase("a.io")).toBe(false);
});

test("openCredentialHelper() stores through standard input, never through arguments", async () => {
  const { helper, log } = await scripted('echo "$* $(cat)" >"$LOG"');
  await helper.store("a.io", { username: "me", password: "s3cret" });
  expect(await log()).toBe('store {"ServerURL":"a.io","Username":"me","Secret":"s3cret"}\n');
  await helper.store("a.io", { username: "", password: "", identityToken: "refresh" });
  expect(await log()).toContain('"Username":"<token>","Secret":"refresh"');
});

test("openCredentialHelper() erases and lists", async () => {
  const { helper, log } = await scripted('echo "$* $(cat)" >>"$LOG"; echo \'{"a.io":"me","b.io":1}\'');
  expect(await helper.erase("a.io")).toBe(true);
  expect([...(await helper.list())]).toEqual([["a.io", "me"]]);
  expect(await log()).toMatch(/^erase a.io\nlist /);
});

test.each([
  ["a failure", "cat >/dev/null; echo 'the ring is locked'; exit 1", /get credentials of a.io: the ring is locked$/],
  ["a failure without words", "exit 7", /it ended with 7$/],
  ["a failure that prints what it keeps", `echo '{"Secret":"hidden"}'; exit 1`, /it ended with 1$/],
  ["no JSON", "echo hidden", /its answer is not JSON$/],
  ["no object", "echo '[]'", /its answer is not JSON$/],
  ["no secret", answer({ Username: "hidden" }), /no credentials$/],
  ["too much", "yes hidden", /its answer is too long$/],
])("openCredentialHelper() gives the error of a helper with %s", async (_, script, message) => {
  const { helper } = await scripted(script);
  const error = await helper.get("a.io").catch((cause: Error) => cause);
  expect(error).toMatchObject({ code: "registry.credential-helper-failed", message: expect.stringMatching(message) });
  expect(String((error as Error).stack)).not.toContain("hidden");
});

test("openCredentialHelper() does not repeat a secret that a failing helper repeats", async () => {
  const { helper } = await scripted('echo "bad $(cat | tr -d "{}")"; exit 1');
  const failed = helper.store("a.io", { username: "me", password: "s3cret" });
  await expect(failed).rejects.toMatchObject({ message: expect.not.stringContaining("s3cret") });
});

test("openCredentialHelper() ends a helper that takes too long, also when a child of it holds the pipe", async () => {
  for (const script of ["exec sleep 20", "sleep 20 & sleep 20"]) {
    const { helper } = await scripted(script, 200);
    await expect(helper.get("a.io")).rejects.toThrow(/no answer within 200 ms$/);
  }
});

test("openCredentialHelper() copes with a helper that does not read", async () => {
  const { helper } = await scripted("exec <&-; exit 3");
  const password = "x".repeat(1_000_000);
  await expect(helper.store("a.io", { username: "me", password })).rejects.toThrow(/it ended with 3$/);
});

test("openCredentialHelper() looks in absolute directories of PATH only", async () => {
  for (const PATH of [undefined, "", ".", "bin:../bin", "/nonexistent"]) {
    const helper = openCredentialHelper("test", { environment: { PATH } });
    await expect(helper.get("a.io")).rejects.toMatchObject({ code: "registry.credential-helper-missing" });
  }
});

test.each(["", "../x", "a/b", "-x", "a b", ".hidden", "a\0", "é", "x".repeat(65)])(
  "openCredentialHelper() refuses the name %j",
  (name) => {
    expect(() => openCredentialHelper(name, { environment: {} })).toThrow(/is no name of a credential helper$/);
  },
);
