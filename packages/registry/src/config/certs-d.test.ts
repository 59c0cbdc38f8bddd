import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { certificatesFor } from "./certs-d.ts";

const made: string[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-certs-"));
  made.push(folder);
});
afterAll(() => Promise.all(made.map((each) => rm(each, { recursive: true }))));

const pem = (name: string): string => `-----BEGIN ${name}-----\n`;

async function put(directory: string, ...names: string[]): Promise<string> {
  await mkdir(join(folder, directory), { recursive: true });
  for (const name of names) await writeFile(join(folder, directory, name), pem(name));
  return join(folder, directory);
}

const find = (domain: string, directory?: string) =>
  certificatesFor(domain, {
    environment: { HOME: join(folder, "home") },
    systemDirectories: [join(folder, "etc/containers"), join(folder, "etc/docker")],
    ...(directory !== undefined && { directory }),
  });

test("certificatesFor() finds nothing where there is no folder", async () => {
  expect(await find("a.example")).toBeUndefined();
  await put("etc/docker/certs.d/a.example:5000");
  expect(await find("a.example")).toBeUndefined();
  expect(await find("a.example:5000")).toEqual({});
});

test("certificatesFor() trusts the authorities besides the usual ones, and shows the first pair", async () => {
  await put("etc/containers/certs.d/a.example", "z.crt", "b.crt", "2.cert", "2.key", "1.cert", "1.key", "README");
  const { ca = [], cert, key } = (await find("a.example")) ?? {};
  expect(ca.slice(-2)).toEqual([pem("b.crt"), pem("z.crt")]);
  expect(ca.length).toBeGreaterThan(20);
  expect([cert, key]).toEqual([pem("1.cert"), pem("1.key")]);
});

test("certificatesFor() takes the first place that has a folder, as a whole", async () => {
  await put("etc/docker/certs.d/a", "docker.cert", "docker.key");
  expect(await find("a")).toMatchObject({ cert: pem("docker.cert") });
  await put("etc/containers/certs.d/a", "system.cert", "system.key");
  expect(await find("a")).toMatchObject({ cert: pem("system.cert") });
  await put("home/.config/containers/certs.d/a");
  expect(await find("a")).toEqual({});
  const given = await put("given", "given.cert", "given.key");
  expect(await find("a", given)).toMatchObject({ cert: pem("given.cert") });
});

test("certificatesFor() refuses half a pair, what is no certificate, and a given directory that is not there", async () => {
  await put("etc/docker/certs.d/a", "x.cert");
  await expect(find("a")).rejects.toMatchObject({
    kind: "invalid",
    message: expect.stringMatching(/: missing key x\.key for client certificate x\.cert, CA certificates must/),
  });
  await put("etc/docker/certs.d/b", "x.key");
  await expect(find("b")).rejects.toThrow("missing client certificate x.cert for key x.key");
  const c = await put("etc/docker/certs.d/c");
  await writeFile(join(c, "ca.crt"), "garbage");
  await expect(find("c")).rejects.toThrow("ca.crt is not a PEM file");
  await expect(find("c", join(folder, "gone"))).rejects.toThrow("there is no such directory");
});
