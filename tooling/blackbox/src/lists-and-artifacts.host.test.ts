import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { expectFailure } from "./failure.ts";
import { missingForBlackBox, named } from "./galley-program.ts";

const reason = missingForBlackBox(["skopeo", "tar"]);

describe.skipIf(reason !== undefined)(named("galley", reason), () => {
  let setting: BusyboxSetting;
  let remote: string;
  beforeAll(async () => {
    setting = await busyboxSetting();
    remote = setting.registry.address;
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  const galley = (...args: string[]) => setting.home.ok(...args);
  const raw = (name: string) =>
    JSON.parse(
      execFileSync("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${name}`], { encoding: "utf8" }),
    );

  /** An image for another processor: a tree of one file. */
  async function foreignImage(name: string, arch: string): Promise<void> {
    const folder = join(setting.home.folder, `tree-${arch}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "arch"), arch);
    execFileSync("tar", ["-C", folder, "-cf", `${folder}.tar`, "."]);
    await galley("import", "-q", "--arch", arch, `${folder}.tar`, name);
  }

  test("galley manifest makes a list of images here and in a registry, which others read and take their platform from", async () => {
    await foreignImage("app:arm64", "arm64");
    await galley("tag", setting.image, "app:amd64");
    await foreignImage("far:s390x", "s390x");
    await galley("push", "-q", "far:s390x", `${remote}/far:s390x`);
    await galley("rmi", "far:s390x");
    const id = await galley("manifest", "create", "app:1", "app:amd64");
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    await galley("manifest", "add", "--variant", "v8", "--annotation", "tried=yes", "app:1", "app:arm64");
    await galley("manifest", "add", "app:1", `docker://${remote}/far:s390x`);
    const local = JSON.parse(await galley("manifest", "inspect", "app:1"));
    expect(local.manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64", variant: "v8" },
      { os: "linux", architecture: "s390x" },
    ]);
    const digestFile = join(setting.home.folder, "digest");
    await galley("manifest", "push", "-q", "--digestfile", digestFile, "app:1", `docker://${remote}/app:1`);
    expect(raw(`${remote}/app:1`)).toEqual(local);
    expect(raw(`${remote}/app@${readFileSync(digestFile, "utf8")}`)).toEqual(local);
    expect(JSON.parse(await galley("manifest", "inspect", `${remote}/app:1`))).toEqual(local);
    await galley("rmi", "-f", "app:amd64", "app:arm64");
    const { code, err } = await setting.home.run(["pull", "-q", "--arch", "s390x", `${remote}/app:1`]);
    expect(code, err).toBe(0);
    const [{ Architecture }] = JSON.parse(await galley("image", "inspect", `${remote}/app:1`));
    expect(Architecture).toBe("s390x");
    expect(await galley("manifest", "annotate", "--arch", "riscv64", "app:1", local.manifests[2].digest)).toBe(id);
    expect(await galley("manifest", "remove", "app:1", local.manifests[0].digest)).toBe(local.manifests[0].digest);
    const left = JSON.parse(await galley("manifest", "inspect", "app:1")).manifests;
    expect(left.map(({ platform }: { platform: { architecture: string } }) => platform.architecture)).toEqual([
      "arm64",
      "riscv64",
    ]);
    expect(await galley("manifest", "rm", "app:1")).toBe(`Untagged: localhost/app:1\nDeleted: ${id}`);
    expect((await setting.home.run(["manifest", "exists", "app:1"])).code).toBe(1);
    expectFailure(await setting.home.run(["manifest", "push", "app:1"]), {
      code: 125,
      says: /manifest list not known/,
    });
    expect(await galley("system", "check")).toBe("");
  });

  test("galley artifact keeps files and hands them to a registry and back", async () => {
    const from = join(setting.home.folder, "files");
    mkdirSync(from);
    writeFileSync(join(from, "sbom.json"), "{}\n");
    writeFileSync(join(from, "big"), Buffer.alloc(3_000_000, "galley"));
    const name = `${remote}/team/sbom:1`;
    const digest = await galley(
      "artifact",
      "add",
      "--type",
      "application/spdx+json",
      name,
      join(from, "sbom.json"),
      join(from, "big"),
    );
    expect(await galley("artifact", "ls", "-n", "--no-trunc")).toMatch(
      new RegExp(`^${remote}/team/sbom +1 +${digest} `),
    );
    expectFailure(await setting.home.run(["artifact", "add", name, join(from, "big")]), {
      code: 125,
      says: /already exists/,
    });
    await galley("artifact", "push", "-q", name);
    expect(raw(name)).toMatchObject({
      artifactType: "application/spdx+json",
      layers: [{ size: 3 }, { size: 3_000_000 }],
    });
    expect(await galley("artifact", "rm", name)).toBe(digest);
    expect(await galley("artifact", "pull", "-q", name)).toBe(digest);
    const to = join(setting.home.folder, "extracted");
    mkdirSync(to);
    await galley("artifact", "extract", name, to);
    for (const file of readdirSync(from))
      expect(readFileSync(join(to, file)).equals(readFileSync(join(from, file)))).toBe(true);
    expect(JSON.parse(await galley("artifact", "inspect", name))).toMatchObject({ Name: name, Digest: digest });
    await galley("artifact", "rm", "-a");
    expect(await galley("artifact", "ls", "-q")).toBe("");
  });

  test("galley history, image tree and images tell how an image came about and where it lies", async () => {
    await galley("run", "--name", "changed", setting.image, "sh", "-c", "echo text > /file");
    await galley("commit", "-q", "changed", "child:1");
    const history = JSON.parse(await galley("history", "--format", "json", "child:1"));
    expect(history[0]).toMatchObject({ CreatedBy: expect.stringContaining("echo text"), tags: ["localhost/child:1"] });
    expect(history.slice(1)).toMatchObject(
      JSON.parse(await galley("history", "--format", "json", setting.image)).map(
        ({ CreatedBy }: { CreatedBy: string }) => ({ CreatedBy }),
      ),
    );
    expect(await galley("image", "tree", "child:1")).toMatch(
      /Image Layers\n├── ID: [0-9a-f]{12} Size: .*\n└── ID: [0-9a-f]{12} .*Top Layer of: \[localhost\/child:1\]$/,
    );
    expect(await galley("image", "tree", "--whatrequires", setting.image)).toContain("localhost/child:1");
    expect(await galley("images", "-q", "--filter", "reference=ch*")).toBe(history[0].id.slice(0, 12));
    expect(await galley("images", "-q", "--filter", "containers=false", "--filter", "reference=*/child")).toBe(
      history[0].id.slice(0, 12),
    );
    await galley("untag", "child:1");
    expect(await galley("images", "-q", "--filter", "dangling=true")).toBe(history[0].id.slice(0, 12));
    expect(await galley("image", "prune", "-f")).toBe(history[0].id);
    await galley("rm", "changed");
  });

  test("galley prune asks first, and removes nothing for no answer", async () => {
    await galley("create", "--name", "idle", setting.image, "true");
    const asked = await setting.home.run(["system", "prune", "-a"], { input: "n\n" });
    expect(asked).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^WARNING! .*Are you sure you want to continue\? \[y\/N\] $/s),
    });
    expect((await setting.home.run(["container", "prune"])).code).toBe(0);
    expect(await galley("ps", "-aq")).not.toBe("");
    const { out } = await setting.home.run(["system", "prune", "-a"], { input: "y\n" });
    expect(out).toMatch(
      /Deleted Containers\n([0-9a-f]{64}\n)+Deleted Images\n([0-9a-f]{64}\n)+Total reclaimed space: /,
    );
    expect([await galley("ps", "-aq"), await galley("images", "-q")]).toEqual(["", ""]);
    await galley("pull", "-q", setting.image);
  });
});
