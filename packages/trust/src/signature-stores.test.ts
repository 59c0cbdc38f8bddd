import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseReference } from "@galley/spec";
import { afterAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { lookasideSignatures } from "./lookaside-signatures.ts";
import { signatureStoreFor } from "./signature-stores.ts";
import { digest } from "./testing/sign.ts";

const made: string[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-stores-"));
  made.push(folder);
});
afterAll(() => Promise.all(made.map((each) => rm(each, { recursive: true }))));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

const find = (name: string, root = true) =>
  signatureStoreFor(parseReference(name), {
    environment: { HOME: join(folder, "home") },
    systemDirectory: join(folder, "etc"),
    root,
  });

test("signatureStoreFor() knows the built-in places", async () => {
  expect((await find("quay.io/app:1")).lookaside?.href).toBe("file:///var/lib/containers/sigstore");
  expect((await find("quay.io/app:1", false)).lookaside?.pathname).toBe(
    `${folder}/home/.local/share/containers/sigstore`,
  );
});

test("signatureStoreFor() takes the narrowest section as a whole", async () => {
  await put(
    "etc/registries.d/a.yaml",
    `
default-docker:
  lookaside: https://default.example/s
docker:
  quay.io:
    lookaside: https://quay.example
    use-sigstore-attachments: true
  quay.io/team:
    use-sigstore-attachments: false
`,
  );
  await put(
    "etc/registries.d/b.yaml",
    "docker:\n  quay.io/team/app:1:\n    sigstore: file:///srv/old\n  quay.io/empty:\n",
  );
  await put("etc/registries.d/c.yaml", "");
  await put("etc/registries.d/ignored.yml", "{");
  const shown = async (name: string) => {
    const { lookaside, useSigstoreAttachments } = await find(name);
    return [lookaside?.href, useSigstoreAttachments];
  };
  expect(await shown("docker.io/x")).toEqual(["https://default.example/s", undefined]);
  expect(await shown("quay.io/x")).toEqual(["https://quay.example/", true]);
  expect(await shown("quay.io/team/x")).toEqual([undefined, false]);
  expect(await shown("quay.io/team/app:1")).toEqual(["file:///srv/old", undefined]);
  expect(await shown("quay.io/empty/x")).toEqual([undefined, undefined]);
  await put("home/.config/containers/registries.d/mine.yaml", "docker:\n");
  expect(await shown("quay.io/x")).toEqual(["file:///var/lib/containers/sigstore", undefined]);
});

test.each([
  ["- a", "the file must be a mapping"],
  ["a: [", ""],
  ["a: &a [1]\nb: *a", ""],
  ["docker: []", "docker must be a mapping"],
  ["docker: { quay.io: x }", "docker.quay.io must be a mapping"],
  ["default-docker: { lookaside: 1 }", "default-docker.lookaside must be an address"],
  ["default-docker: { lookaside: 'ftp://x' }", "default-docker.lookaside must be an address"],
  ["default-docker: { use-sigstore-attachments: maybe }", "must be true or false"],
])("signatureStoreFor() refuses %j", async (text, why) => {
  await put("etc/registries.d/a.yaml", text);
  const error = await find("quay.io/app:1").catch((cause: unknown) => cause as Error);
  expect(error).toMatchObject({ kind: "invalid", code: "trust.bad-registries-d" });
  expect((error as Error).message).toContain(why);
  expect((error as Error).message).not.toContain("\n");
});

test("signatureStoreFor() refuses two files that configure the same", async () => {
  await put("etc/registries.d/a.yaml", "docker: { quay.io: {} }\ndefault-docker: {}");
  await put("etc/registries.d/b.yaml", "docker: { quay.io: {} }");
  await expect(find("quay.io/app")).rejects.toThrow("docker.quay.io is configured by another file, too");
  await put("etc/registries.d/b.yaml", "default-docker: {}");
  await expect(find("quay.io/app")).rejects.toThrow("default-docker is configured by another file, too");
});

const reference = parseReference("quay.io/team/app:1");
const place = `team/app@${digest.replace(":", "=")}`;

test("lookasideSignatures() reads files up to the first that is not there", async () => {
  for (const number of [1, 2, 4]) await put(`store/${place}/signature-${number}`, `s${number}`);
  const found = await lookasideSignatures(pathToFileURL(join(folder, "store/")), reference, digest);
  expect(found.map(String)).toEqual(["s1", "s2"]);
  expect(await lookasideSignatures(pathToFileURL(join(folder, "gone")), reference, digest)).toEqual([]);
});

async function serve(answer: RequestListener): Promise<URL> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base`);
}

test("lookasideSignatures() downloads up to the first that is not there", async () => {
  const url = await serve(({ url: path }, response) => {
    if (path === `/base/${place}/signature-1`) response.end("s1");
    else response.writeHead(404).end();
  });
  expect((await lookasideSignatures(url, reference, digest)).map(String)).toEqual(["s1"]);
});

test("lookasideSignatures() does not take a broken store for an empty one, and never reads without an end", async () => {
  const failing = await serve((_, response) => void response.writeHead(500).end());
  await expect(lookasideSignatures(failing, reference, digest)).rejects.toMatchObject({
    kind: "unavailable",
    code: "trust.no-lookaside",
  });
  const endless = await serve((_, response) => {
    const more = (): void => void (response.writable && response.write(Buffer.alloc(256 * 1024), more));
    more();
  });
  await expect(lookasideSignatures(endless, reference, digest)).rejects.toThrow("larger than");
  let asked = 0;
  const many = await serve((_, response) => {
    asked++;
    response.end("x");
  });
  await lookasideSignatures(many, reference, digest);
  expect(asked).toBe(128);
});
