import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readPolicy } from "./read-policy.ts";

const policyWith = (type: string) => JSON.stringify({ default: [{ type }] });

test("readPolicy() prefers a given file, then the user's, then the system's, and accepts anything without one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "galley-policy-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const read = (path?: string) =>
    readPolicy({
      environment: { HOME: folder },
      systemDirectory: join(folder, "etc"),
      ...(path !== undefined && { path }),
    });

  expect(await read()).toEqual({ default: [{ type: "insecureAcceptAnything" }], transports: new Map() });
  await mkdir(join(folder, "etc"));
  await writeFile(join(folder, "etc/policy.json"), policyWith("reject"));
  expect(await read()).toMatchObject({ path: join(folder, "etc/policy.json"), default: [{ type: "reject" }] });
  await mkdir(join(folder, ".config/containers"), { recursive: true });
  await writeFile(join(folder, ".config/containers/policy.json"), policyWith("insecureAcceptAnything"));
  expect(await read()).toMatchObject({ path: join(folder, ".config/containers/policy.json") });
  await writeFile(join(folder, "given.json"), policyWith("reject"));
  expect(await read(join(folder, "given.json"))).toMatchObject({ default: [{ type: "reject" }] });
  await expect(read(join(folder, "gone.json"))).rejects.toThrow(`read policy ${join(folder, "gone.json")}`);
  await writeFile(join(folder, ".config/containers/policy.json"), "{");
  await expect(read()).rejects.toMatchObject({ code: "trust.bad-policy" });
});

test("readPolicy() does not take a file that it cannot read for none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "galley-policy-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "policy.json"));
  await expect(readPolicy({ environment: {}, systemDirectory: folder })).rejects.toThrow(
    `read policy ${folder}/policy.json`,
  );
});
