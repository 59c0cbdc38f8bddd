import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  type BusyboxImageOptions,
  busyboxLayer,
  makeBusyboxImage,
  missingForHostTest,
  type PushOptions,
  writeOciLayout,
} from "@galley/testing-images";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { makeHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";

const run = promisify(execFile);
const reason = missingForBlackBox();
const withoutZstd = missingForHostTest({ programs: ["zstd"] });

const ours = process.arch === "x64" ? "amd64" : process.arch;
/** Ours last: the first one is not simply taken. */
const architectures = ["s390x", "riscv64", ours];
const layer = [{ name: "etc/second", content: "of the second layer\n" }];
const forms: readonly [string, BusyboxImageOptions & PushOptions][] = [
  ["OCI with gzip layers", { layers: [layer] }],
  ["OCI with zstd layers", { compression: "zstd", layers: [layer] }],
  ["OCI with plain layers", { compression: "none", layers: [layer] }],
  ["Docker schema 2", { format: "v2s2", layers: [layer] }],
  ["a multi-platform index", { architectures, layers: [layer] }],
  ["a multi-platform Docker list", { architectures, format: "v2s2", layers: [layer] }],
];

describe.skipIf(reason !== undefined)(named("galley pull of real images", reason), () => {
  let setting: BusyboxSetting;
  beforeAll(async () => {
    setting = await busyboxSetting();
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  test.each(forms)("galley pull and run work with %s", async (name, options) => {
    await using home = await makeHome();
    const image = `${setting.registry.address}/${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}:latest`;
    await makeBusyboxImage(image, options);
    const pulled = await home.run(["pull", image]);
    expect(pulled).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9a-f]{64}\n$/) });
    expect(pulled.err).toContain(`Trying to pull ${image}...`);
    expect(await home.run(["run", "--rm", image, "echo", "hi"])).toEqual({ code: 0, out: "hi\n", err: "" });
    expect(await home.ok("run", "--rm", image, "cat", "/etc/second")).toBe("of the second layer");
    expect(await home.ok("pull", "-q", image)).toBe(pulled.out.trim());
    const [inspected] = JSON.parse(await home.ok("image", "inspect", image));
    expect(inspected.Architecture).toBe(ours);
  });

  test.skipIf(withoutZstd !== undefined)(
    named("galley pull reads zstd as skopeo's own compressor writes it", withoutZstd),
    async () => {
      await using home = await makeHome();
      const image = `${setting.registry.address}/skopeo-zstd:latest`;
      const layoutPath = await mkdtemp(join(tmpdir(), "galley-layout-"));
      try {
        // A layer it has never seen: skopeo remembers others of the same content that the registry has, and names those.
        const unseen = await busyboxLayer([{ name: "unseen", content: randomBytes(100) }]);
        await writeOciLayout(layoutPath, "latest", [{ layers: [unseen], compression: "none" }]);
        const flags = ["--quiet", "--insecure-policy", "--dest-tls-verify=false", "--dest-compress"];
        const zstd = ["--dest-compress-format", "zstd", "--dest-compress-level", "19"];
        await run("skopeo", ["copy", ...flags, ...zstd, `oci:${layoutPath}:latest`, `docker://${image}`]);
      } finally {
        await rm(layoutPath, { recursive: true });
      }
      const { stdout } = await run("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${image}`]);
      expect(stdout).toContain("tar+zstd");
      expect(await home.ok("run", "--rm", "-q", image, "echo", "hi")).toBe("hi");
    },
  );

  test("galley pull takes an image by its digest", async () => {
    await using home = await makeHome();
    const repository = `${setting.registry.address}/by-digest`;
    const digest = await makeBusyboxImage(`${repository}:latest`);
    await home.ok("pull", "-q", `${repository}@${digest}`);
    expect(await home.ok("run", "--rm", "--pull", "never", `${repository}@${digest}`, "echo", "hi")).toBe("hi");
    const [inspected] = JSON.parse(await home.ok("image", "inspect", `${repository}@${digest}`));
    expect(inspected.Digest).toBe(digest);
  });

  test("galley run pulls what is missing, and tells so", async () => {
    await using home = await makeHome();
    const { code, out, err } = await home.run(["run", "--rm", setting.image, "echo", "hi"]);
    expect({ code, out }).toEqual({ code: 0, out: "hi\n" });
    expect(err).toContain("Trying to pull");
  });

  test("galley run --pull does what each policy says", async () => {
    await using home = await makeHome();
    const image = `${setting.registry.address}/policies:latest`;
    const version = async (policy: string, at = image): Promise<string> =>
      (await home.run(["run", "--rm", "-q", "--pull", policy, at, "cat", "/version"])).out;
    await makeBusyboxImage(image, { layers: [[{ name: "version", content: "1" }]] });
    expect((await home.run(["run", "--rm", "--pull", "never", image, "true"])).code).toBe(125);
    expect(await version("missing")).toBe("1");
    await makeBusyboxImage(image, { layers: [[{ name: "version", content: "2" }]] });
    expect(await version("missing")).toBe("1");
    expect(await version("never")).toBe("1");
    expect(await version("newer")).toBe("2");
    await makeBusyboxImage(image, { layers: [[{ name: "version", content: "3" }]] });
    expect(await version("always")).toBe("3");
    await home.ok("tag", image, "127.0.0.1:1/away:latest");
    expect(await version("newer", "127.0.0.1:1/away:latest")).toBe("3");
    expect((await home.run(["run", "--rm", "--pull", "always", "127.0.0.1:1/away:latest", "true"])).code).toBe(125);
    expect((await home.run(["run", "--rm", "--pull", "sometimes", image, "true"])).code).toBe(125);
  });

  test("galley images, tag, image exists, inspect and rmi agree about names", async () => {
    await using home = await makeHome();
    const id = await home.ok("pull", "-q", setting.image);
    await home.ok("tag", setting.image, "localhost/other:1");
    expect(await home.ok("images", "-q")).toBe(id.slice(0, 12));
    expect(await home.ok("images", "-n", "localhost/other")).toMatch(/^localhost\/other +1 +[0-9a-f]{12} /);
    const [listed] = JSON.parse(await home.ok("images", "--format", "json"));
    expect(listed.Names.toSorted()).toEqual([setting.image, "localhost/other:1"].toSorted());
    const [inspected] = JSON.parse(await home.ok("inspect", "localhost/other:1"));
    expect(inspected).toMatchObject({ Id: id, Architecture: expect.any(String), Os: "linux", User: "" });
    expect((await home.run(["rmi", id])).code).toBe(2);
    expect(await home.ok("rmi", setting.image)).toBe(`Untagged: ${setting.image}`);
    expect((await home.run(["image", "exists", setting.image])).code).toBe(1);
    expect((await home.run(["image", "exists", id.slice(0, 10)])).code).toBe(0);
    expect(await home.ok("rmi", "localhost/other:1")).toBe(`Untagged: localhost/other:1\nDeleted: ${id}`);
    expect(await home.ok("images", "-q")).toBe("");
    expect((await home.run(["rmi", "localhost/other:1"])).code).toBe(1);
    expect((await home.run(["rmi", "--ignore", "localhost/other:1"])).code).toBe(0);
  });

  test("galley rmi refuses an image in use, and -f takes its containers too", async () => {
    await using home = await makeHome();
    await home.ok("pull", "-q", setting.image);
    await home.ok("run", "-d", "--name", "user", setting.image, "sleep", "60");
    const refused = await home.run(["rmi", setting.image]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/^Error: image used by .*\n$/) });
    await home.ok("rmi", "-f", setting.image);
    expect(await home.ok("ps", "-aq")).toBe("");
  });

  test("galley pull of two commands at once brings one image", async () => {
    await using home = await makeHome();
    const pulls = await Promise.all([1, 2, 3].map(() => home.run(["pull", "-q", setting.image])));
    expect(pulls.map(({ code, err }) => ({ code, err }))).toEqual(Array(3).fill({ code: 0, err: "" }));
    expect(new Set(pulls.map(({ out }) => out)).size).toBe(1);
    expect(await home.ok("run", "--rm", setting.image, "echo", "hi")).toBe("hi");
  });
});
