import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  busyboxLayer,
  type LayerEntry,
  makeBusyboxImage,
  pushWithSkopeo,
  tarLayer,
  writeOciLayout,
} from "@galley/testing-images";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import type { Ended } from "./ended.ts";
import { ended } from "./ended.ts";
import { expectFailure } from "./failure.ts";
import { type GalleyHome, makeHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { replaceDiffId } from "./lying-layout.ts";
import { lookAtHost, nothingLeft } from "./nothing-left.ts";
import { type Answer, type Tamper, tamperingRegistry } from "./tampering-registry.ts";
import { listTree } from "./tree-listing.ts";

const reason = missingForBlackBox(["getfattr"]);

describe.skipIf(reason !== undefined)(named("galley pull", reason), () => {
  let setting: BusyboxSetting;
  beforeAll(async () => {
    setting = await busyboxSetting();
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  const pull = (home: GalleyHome, image: string): Promise<Ended> => home.run(["pull", "-q", image]);
  const staged = (home: GalleyHome): string[] =>
    ["content/staging", "layers/staging"].flatMap((folder) =>
      readdirSync(join(home.root, folder), { encoding: "utf8" }),
    );

  /** After whatever went wrong: nothing is visible, and the true image can be pulled and run. */
  async function expectRecovery(home: GalleyHome): Promise<void> {
    expect(await home.ok("images", "-q")).toBe("");
    expect(await home.ok("run", "--rm", "-q", setting.image, "echo", "hi")).toBe("hi");
    expect(staged(home)).toEqual([]);
  }

  test.each([
    ["an unknown image", "REGISTRY/nosuch:latest", /manifest unknown|not found/],
    ["an unknown tag", "REGISTRY/busybox:nosuch", /manifest unknown|not found/],
    ["a digest that is not there", `REGISTRY/busybox@sha256:${"0".repeat(64)}`, /manifest unknown|not found/],
    ["a registry that does not listen", "127.0.0.1:1/busybox", /127\.0\.0\.1:1 .*refused/],
    ["a host that is not there", "nowhere.invalid/busybox", /nowhere\.invalid/],
    ["a name in capitals", "Busybox", /lowercase/],
    ["no name", "", /reference/],
    ["a bad digest", "busybox@sha256:123", /digest/],
  ])("galley pull of %s fails in one line", async (_, name, says) => {
    await using home = await makeHome();
    expectFailure(await pull(home, name.replace("REGISTRY", setting.registry.address)), { code: 125, says });
    const run = await home.run(["run", "-q", name.replace("REGISTRY", setting.registry.address), "true"]);
    expectFailure(run, { code: 125, says });
    expect(await home.ok("ps", "-aq")).toBe("");
  });

  const isLayer = ({ path, body }: Answer): boolean => path.includes("/blobs/") && body.length > 100_000;
  const isConfig = ({ path, body }: Answer): boolean => path.includes("/blobs/") && body.includes("rootfs");
  const isManifest = ({ path }: Answer): boolean => path.includes("/manifests/");
  const changed = (answer: Answer, change: (body: Buffer) => Buffer): Answer => ({
    ...answer,
    body: change(Buffer.from(answer.body)),
  });
  const flip = (body: Buffer): Buffer => {
    const at = Math.floor(body.length / 2);
    body[at] = (body[at] ?? 0) ^ 1;
    return body;
  };
  const error = (status: number, code: string): Partial<Answer> => ({
    status,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] })),
  });

  /** As if the registry's own file were shorter. */
  const shortened = (change: (sizeBytes: number) => number): Tamper => {
    const paths = new Set<string>();
    return (a) => {
      if (isLayer(a)) paths.add(a.path);
      if (!paths.has(a.path)) return a;
      if (a.request.headers.range !== undefined) return { ...a, ...error(416, "RANGE_INVALID") };
      return changed(a, (body) => body.subarray(0, change(body.length)));
    };
  };

  const faults: readonly [string, RegExp, Tamper][] = [
    ["a layer with another digest", /digest|sha256/, (a) => (isLayer(a) ? changed(a, flip) : a)],
    ["a configuration with another digest", /digest|sha256/, (a) => (isConfig(a) ? changed(a, flip) : a)],
    [
      "a layer that is too long",
      /size|bytes|long/,
      (a) => (isLayer(a) ? changed(a, (b) => Buffer.concat([b, Buffer.from("x")])) : a),
    ],
    ["a layer that is too short", /sha256:[0-9a-f]{64}/, shortened((size) => size - 1000)],
    [
      "a manifest that is not the one its header names",
      /digest|sha256/,
      (a) => (isManifest(a) ? changed(a, (b) => Buffer.concat([b, Buffer.from(" ")])) : a),
    ],
    [
      "a manifest that is no JSON",
      /.+/,
      (a) =>
        isManifest(a)
          ? { ...a, headers: { "content-type": a.headers["content-type"] ?? "" }, body: Buffer.from("{") }
          : a,
    ],
    [
      "a web page for a manifest",
      /.+/,
      (a) => (isManifest(a) ? { ...a, headers: { "content-type": "text/html" }, body: Buffer.from("<html>") } : a),
    ],
    ["a layer that is gone", /not found|unknown/, (a) => (isLayer(a) ? { ...a, ...error(404, "BLOB_UNKNOWN") } : a)],
    ["a manifest for others", /denied|forbidden/i, (a) => (isManifest(a) ? { ...a, ...error(403, "DENIED") } : a)],
    ["a refusal to let us in", /unauthorized|authenticat/i, (a) => ({ ...a, ...error(401, "UNAUTHORIZED") })],
  ];

  test.each(faults)("galley pull of %s fails in one line and leaves nothing", async (_, says, tamper) => {
    await using home = await makeHome();
    await using registry = await tamperingRegistry(setting.registry, tamper);
    expectFailure(await pull(home, `${registry.address}/busybox:latest`), { code: 125, says });
    await expectRecovery(home);
  });

  test("galley pull of a manifest by digest takes no other one, whatever its header says", async () => {
    await using home = await makeHome();
    const tamper: Tamper = (a) => {
      const { "docker-content-digest": _, ...headers } = a.headers;
      return isManifest(a) ? { ...a, headers, body: Buffer.concat([a.body, Buffer.from(" ")]) } : a;
    };
    await using registry = await tamperingRegistry(setting.registry, tamper);
    const [{ Digest: digest }] = JSON.parse(await setting.home.ok("image", "inspect", setting.image));
    expectFailure(await pull(home, `${registry.address}/busybox@${digest}`), { code: 125, says: /digest|sha256/ });
    await expectRecovery(home);
  });

  /** Sends a part of a body of the length that was announced, then cuts the connection. */
  const cutOff = ({ headers, body, status }: Answer, response: Parameters<Tamper>[1]): undefined => {
    response.writeHead(status, { ...headers, "content-length": body.length });
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => setTimeout(() => response.destroy(), 20));
  };

  test("galley pull goes on where a connection was cut", async () => {
    await using home = await makeHome();
    let cuts = 0;
    const ranges: (string | undefined)[] = [];
    await using registry = await tamperingRegistry(setting.registry, (answer, response) => {
      if (!isLayer(answer)) return answer;
      ranges.push(answer.request.headers.range);
      return cuts++ < 1 ? cutOff(answer, response) : answer;
    });
    expect(await pull(home, `${registry.address}/busybox:latest`)).toMatchObject({ code: 0, err: "" });
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d{5,}-/)]);
  });

  test("galley pull gives up on a layer that is always cut off", async () => {
    await using home = await makeHome();
    await using registry = await tamperingRegistry(setting.registry, async (answer, response) => {
      if (!isLayer(answer) && answer.status !== 206) return answer;
      response.writeHead(200, { ...answer.headers, "content-length": 1_000_000 });
      response.write("too little", () => setTimeout(() => response.destroy(), 20));
      return undefined;
    });
    expectFailure(await pull(home, `${registry.address}/busybox:latest`), { code: 125 });
    await expectRecovery(home);
  });

  describe("of a layer that climbs out", () => {
    let folder: string;
    let canary: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "galley-canary-"));
      canary = join(folder, "canary");
      mkdirSync(canary);
      writeFileSync(join(canary, "victim"), "untouched", { mode: 0o640 });
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    const up = "../".repeat(30);
    const link = (name: string, linkname: string): LayerEntry => ({ name, type: "symlink", linkname });
    const hard = (name: string, linkname: string): LayerEntry => ({ name, type: "link", linkname });
    const evil = { content: "evil", mode: 0o777 };
    const cases: readonly [string, (c: string) => LayerEntry[], "refused" | "kept inside"][] = [
      ["by ..", (c) => [{ name: `${up}${c.slice(1)}/victim`, ...evil }], "refused"],
      ["by .. further on", (c) => [{ name: `a/b/${up}${c.slice(1)}/new`, ...evil }], "refused"],
      ["by an absolute name", (c) => [{ name: `${c}/victim`, ...evil }], "kept inside"],
      ["through an absolute link", (c) => [link("out", c), { name: "out/victim", ...evil }], "refused"],
      ["through a relative link", (c) => [link("out", `${up}${c.slice(1)}`), { name: "out/new", ...evil }], "refused"],
      [
        "through two links",
        (c) => [link("a", "b"), link("b", `${up}${c.slice(1)}`), { name: "a/victim", ...evil }],
        "refused",
      ],
      [
        "through a link whose target is inside",
        (c) => [link("out", c), { name: c.slice(1), type: "directory" }, { name: "out/x", ...evil }],
        "kept inside",
      ],
      ["by a file over a link", (c) => [link("out", `${c}/victim`), { name: "out", ...evil }], "kept inside"],
      [
        "by a directory over a link",
        (c) => [link("out", c), { name: "out", type: "directory", mode: 0o777, uid: 7 }],
        "kept inside",
      ],
      ["by a hard link to outside", (c) => [hard("h", `${up}${c.slice(1)}/victim`), { name: "h", ...evil }], "refused"],
      ["by an absolute hard link", (c) => [hard("h", `${c}/victim`), { name: "h", ...evil }], "refused"],
      [
        "by a hard link through a link",
        (c) => [link("s", c), hard("h", "s/victim"), { name: "h", ...evil }],
        "refused",
      ],
      [
        "by a whiteout through a link",
        (c) => [link("s", c), { name: "s/.wh.victim" }, { name: "s/.wh..wh..opq" }],
        "refused",
      ],
      ["by a whiteout of ..", () => [{ name: "a/.wh..." }, { name: "a/.wh.." }], "refused"],
      [
        "into /proc of whoever unpacks",
        () => [link("p", "/proc/self/root"), { name: "p/tmp/galley-evil", ...evil }],
        "refused",
      ],
    ];

    let home: GalleyHome;
    beforeAll(async () => {
      home = await makeHome();
    });
    afterAll(() => home?.[Symbol.asyncDispose]());

    test.each(cases)("galley pull of a layer that climbs out %s: nothing outside changes", async (_, entries, fate) => {
      const before = listTree(folder);
      const image = `${setting.registry.address}/climbing:latest`;
      await makeBusyboxImage(image, { layers: [entries(canary)] });
      const pulled = await pull(home, image);
      expect(listTree(folder)).toEqual(before);
      if (fate === "refused") {
        expectFailure(pulled, { code: 125, says: /unpack layer sha256:/ });
        expect(await home.ok("images", "-q")).toBe("");
      } else {
        expect(pulled).toMatchObject({ code: 0, err: "" });
        expect(await home.ok("run", "--rm", image, "echo", "hi")).toBe("hi");
        await home.ok("rmi", image);
      }
      expect(listTree(folder)).toEqual(before);
    });
  });

  const pushLayer = async (name: string, layer: Buffer, compression: "gzip" | "none" = "gzip"): Promise<string> => {
    const image = `${setting.registry.address}/${name}:latest`;
    const layoutPath = await mkdtemp(join(tmpdir(), "galley-layout-"));
    try {
      await writeOciLayout(layoutPath, "latest", [{ layers: [await busyboxLayer(), layer], compression }]);
      await pushWithSkopeo({ path: layoutPath, tag: "latest" }, image);
    } finally {
      await rm(layoutPath, { recursive: true });
    }
    return image;
  };

  test.each<[string, () => Buffer | Promise<Buffer>]>([
    ["random bytes", () => randomBytes(10_000)],
    ["text", () => Buffer.from("this is no archive\n".repeat(100))],
    [
      "an archive cut within a file",
      async () => (await tarLayer([{ name: "f", content: "x".repeat(5000) }])).subarray(0, 3000),
    ],
    ["an archive cut within a header", async () => (await tarLayer([{ name: "f" }])).subarray(0, 300)],
    [
      "a header with a wrong sum",
      async () => {
        const tar = await tarLayer([{ name: "file", content: "x" }]);
        tar[1] = 0x41;
        return tar;
      },
    ],
  ])("galley pull of a layer that is %s fails in one line and leaves nothing", async (_, make) => {
    await using home = await makeHome();
    const image = await pushLayer("unreadable", await make());
    expectFailure(await pull(home, image), { code: 125, says: /unpack layer sha256:/ });
    await expectRecovery(home);
  });

  test("galley pull of a layer that is not the one its configuration names fails", async () => {
    await using home = await makeHome();
    const layoutPath = await mkdtemp(join(tmpdir(), "galley-layout-"));
    const image = `${setting.registry.address}/lying:latest`;
    try {
      await writeOciLayout(layoutPath, "latest", [{ layers: [await busyboxLayer()], compression: "gzip" }]);
      await replaceDiffId(layoutPath);
      await pushWithSkopeo({ path: layoutPath, tag: "latest" }, image);
    } finally {
      await rm(layoutPath, { recursive: true });
    }
    expectFailure(await pull(home, image), { code: 125, says: /digest/ });
    await expectRecovery(home);
  });

  test("galley pull that is interrupted ends with 130 in one line, and the next one works", async () => {
    await using home = await makeHome();
    await using registry = await tamperingRegistry(setting.registry, async (answer) => {
      if (isLayer(answer)) await sleep(3000, undefined, { ref: false });
      return answer;
    });
    const child = home.start(["pull", "-q", `${registry.address}/busybox:latest`], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const end = ended(child);
    await sleep(700);
    child.kill("SIGINT");
    expectFailure(await end, { code: 130 });
    await expectRecovery(home);
  });

  describe("that is killed", () => {
    let image: string;
    beforeAll(async () => {
      image = `${setting.registry.address}/large:latest`;
      const layer = (name: string): LayerEntry[] =>
        Array.from({ length: 100 }, (_, index) => ({ name: `${name}/${index}`, content: randomBytes(30_000) }));
      await makeBusyboxImage(image, { layers: [layer("a"), layer("b"), layer("c")] });
    });

    const moments = Array.from({ length: 6 }, (_, index) => 80 + index * 70);
    test.each(moments)(
      "galley pull that is killed after %i ms leaves nothing half visible, and the next one works",
      async (ms) => {
        await using home = await makeHome();
        const before = lookAtHost();
        const child = home.start(["pull", "-q", image], { stdio: "ignore" });
        const end = ended(child);
        await sleep(ms);
        child.kill("SIGKILL");
        await end;
        await nothingLeft(home.folder, before);
        const check = [
          "run",
          "--rm",
          "--pull",
          "never",
          image,
          "sh",
          "-c",
          "cat /a/* /b/* /c/* | wc -c; ls /a /b /c | wc -l",
        ];
        const whole = `${3 * 100 * 30_000}\n305`;
        const visible = (await home.run(["image", "exists", image])).code === 0;
        if (visible) expect(await home.ok(...check)).toBe(whole);
        else expect(await home.ok("images", "-q")).toBe("");
        await home.ok("pull", "-q", image);
        expect(await home.ok(...check)).toBe(whole);
        expect(staged(home)).toEqual([]);
        await home.ok("rmi", image);
        expect(readdirSync(join(home.root, "content/blobs/sha256"))).toEqual([]);
        expect(readdirSync(join(home.root, "layers")).filter((name) => /^[0-9a-f]{64}$/.test(name))).toEqual([]);
      },
    );
  });
});
