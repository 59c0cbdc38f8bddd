import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { galleyError } from "@galley/spec";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { main } from "../main.ts";
import { output } from "../output/print.ts";

const digest = `sha256:${"d".repeat(64)}`;
const own = { os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch };

/** The engine as these commands see it. */
const engine = vi.hoisted(() => ({
  openEngine: vi.fn(),
  imageExists: vi.fn(),
  importImage: vi.fn(),
  listRemoteTags: vi.fn(),
  loadImages: vi.fn(),
  pullImage: vi.fn(),
  pushImage: vi.fn(),
  saveImages: vi.fn(),
  searchImages: vi.fn(),
  untagImage: vi.fn(),
}));
vi.mock("@galley/engine", () => engine);
const terminals = vi.hoisted(() => new Set<number>());
vi.mock("node:tty", () => ({ isatty: (descriptor: number) => terminals.has(descriptor) }));

let out: string;
let err: string;

beforeEach(() => {
  [out, err] = ["", ""];
  terminals.clear();
  vi.spyOn(output, "writeSync").mockImplementation(((fd: number, bytes: Uint8Array) => {
    if (fd === 1) out += Buffer.from(bytes).toString();
    else err += Buffer.from(bytes).toString();
    return bytes.length;
  }) as never);
  vi.spyOn(process, "geteuid").mockReturnValue(0);
  engine.openEngine.mockReturnValue({ [Symbol.dispose]() {} });
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const verb of Object.values(engine)) verb.mockReset();
});

async function* these<Item>(...items: Item[]): AsyncIterable<Item> {
  yield* items;
}

const layer = { digest, kind: "layer", totalBytes: 10 } as const;

describe("galley push", () => {
  beforeEach(() => engine.pushImage.mockResolvedValue({ digest }));

  test("galley push tells of each blob on standard error, and nothing on standard output", async () => {
    engine.pushImage.mockImplementation(async (_engine, _name, { onProgress }) => {
      onProgress({ ...layer, state: "uploading", doneBytes: 0 });
      onProgress({ ...layer, state: "uploaded", doneBytes: 10 });
      return { digest };
    });
    expect(await main(["push", "app", "docker://example.test/app"])).toBe(0);
    expect(out).toBe("");
    expect(err).toBe(
      `Getting image source signatures\nCopying blob ${digest}\nWriting manifest to image destination\n`,
    );
    expect(engine.pushImage.mock.calls[0]?.slice(1)).toMatchObject([
      "app",
      { destination: "docker://example.test/app", signal: expect.any(AbortSignal) },
    ]);
  });

  test.each([
    [["-f", "v2s2"], { format: "v2s2" }],
    [["--format=docker"], { format: "v2s2" }],
    [["--compression-format=zstd:chunked", "--compression-level=19"], { compression: "zstd", compressionLevel: 19 }],
    [["--compress"], { compression: "gzip" }],
    [
      ["--creds=me:pass", "--retry=0", "--tls-verify=false"],
      { credentials: { username: "me", password: "pass" }, retry: { attempts: 1 }, tlsVerify: false },
    ],
    [["--disable-content-trust", "--remove-signatures", "--force-compression"], {}],
  ])("galley push %j hands on %j", async (flags, options) => {
    expect(await main(["push", "-q", ...flags, "app"])).toBe(0);
    expect(engine.pushImage.mock.calls[0]?.[2]).toMatchObject(options);
    expect(err).toBe("");
  });

  test("galley push --digestfile writes the digest", async () => {
    const folder = await mkdtemp(join(tmpdir(), "galley-push-"));
    try {
      expect(await main(["push", "-q", "--digestfile", join(folder, "digest"), "app"])).toBe(0);
      expect(await readFile(join(folder, "digest"), "utf8")).toBe(digest);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    [["--sign-by=me", "app"], "signing images is not supported yet"],
    [["--encryption-key=x", "app"], "encrypting images is not supported yet"],
    [["--format=v2s1", "app"], "schema 1"],
    [["--format=tar", "app"], "unknown format"],
    [["--compression-format=xz", "app"], "unknown compression"],
    [["--compression-level=20", "app"], "unknown compression level"],
    [["--progress=dots", "app"], "unknown kind of progress"],
    [[], "requires at least 1 arg"],
    [["a", "b", "c"], "accepts at most 2 arg"],
  ])("galley push %j is refused: %s", async (args, why) => {
    expect(await main(["push", ...args])).toBe(125);
    expect(err).toMatch(/^Error: /);
    expect(err).toContain(why);
    expect(engine.pushImage).not.toHaveBeenCalled();
  });
});

describe("galley pull", () => {
  test("galley pull asks for a platform and warns of one that came uncalled", async () => {
    engine.pullImage.mockResolvedValue({ id: "1", platform: { os: "linux", architecture: "s390x" } });
    expect(await main(["pull", "-q", "--platform=linux/s390x", "a"])).toBe(0);
    expect(err).toBe("");
    expect(await main(["pull", "-q", "--policy=missing", "a"])).toBe(0);
    expect(err).toBe(
      `WARNING: image platform (linux/s390x) does not match the expected platform (linux/${own.architecture})\n`,
    );
    expect(engine.pullImage.mock.calls.map(([, , { platform, policy }]) => [platform?.architecture, policy])).toEqual([
      ["s390x", "always"],
      [undefined, "missing"],
    ]);
    expect(out).toBe("1\n1\n");
  });

  test("galley pull --all-tags pulls every tag", async () => {
    engine.listRemoteTags.mockReturnValue(these("1", "2"));
    engine.pullImage.mockImplementation(async (_engine, name) => ({ id: name, platform: own }));
    expect(await main(["pull", "-q", "-a", "example.test/app"])).toBe(0);
    expect(out).toBe("example.test/app:1\nexample.test/app:2\n");
  });

  test("galley pull --decryption-key is refused", async () => {
    expect(await main(["pull", "--decryption-key=k", "a"])).toBe(125);
    expect(err).toBe("Error: encrypted images are not supported yet\n");
  });

  test("galley pull --progress=json prints an object a line", async () => {
    engine.pullImage.mockImplementation(async (_engine, _name, { onAttempt, onProgress }) => {
      onAttempt({ reference: { domain: "example.test", repository: "a", tag: "1" }, by: "name" });
      onProgress({ ...layer, state: "downloading", doneBytes: 5 });
      return { id: "1", platform: own };
    });
    expect(await main(["pull", "--progress=json", "a"])).toBe(0);
    expect(
      err
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([{ ...layer, state: "downloading", doneBytes: 5 }, { state: "finished" }]);
  });
});

describe("galley save and load", () => {
  test("galley save takes names of images for images, and others for names of the first", async () => {
    engine.imageExists.mockImplementation((_engine, name) => name !== "extra:1");
    expect(await main(["save", "-q", "-o", "/x.tar", "one", "two", "extra:1"])).toBe(0);
    expect(engine.saveImages.mock.calls[0]?.slice(1)).toMatchObject([
      ["one", "two"],
      "/x.tar",
      { format: "docker-archive", additionalNames: ["extra:1"] },
    ]);
    expect(await main(["save", "-q", "-m", "-o", "/x.tar", "one", "extra:1"])).toBe(0);
    expect(engine.saveImages.mock.calls[1]?.[1]).toEqual(["one", "extra:1"]);
  });

  test("galley save writes to standard output, but not to a terminal", async () => {
    engine.saveImages.mockImplementation(async (_engine, _names, target) => target(these(Buffer.from("bytes"))));
    expect(await main(["save", "-q", "one"])).toBe(0);
    expect(out).toBe("bytes");
    terminals.add(1);
    expect(await main(["save", "-q", "one"])).toBe(125);
    expect(err).toBe("Error: refusing to save to terminal. Use -o flag or redirect\n");
  });

  test.each([
    [["--format=tar", "a"], "unknown format"],
    [["--compress", "a"], "--compress can only be set"],
  ])("galley save %j is refused: %s", async (args, why) => {
    expect(await main(["save", "-o", "/x", ...args])).toBe(125);
    expect(err).toContain(why);
  });

  test("galley load tells what it has loaded", async () => {
    engine.loadImages.mockResolvedValue([
      { image: { id: "1" }, names: ["localhost/a:1", "localhost/a:2"] },
      { image: { id: "2" }, names: [] },
    ]);
    expect(await main(["load", "-q", "-i", "/x.tar"])).toBe(0);
    expect(out).toBe("Loaded image: localhost/a:1\nLoaded image: localhost/a:2\nLoaded image: sha256:2\n");
    terminals.add(0);
    expect(await main(["load"])).toBe(125);
    expect(err).toContain("cannot read from terminal");
  });

  test("galley load tells why it has not", async () => {
    engine.loadImages.mockRejectedValue(
      galleyError("unsupported", "image.not-an-archive", "not an archive of images: x"),
    );
    expect(await main(["load", "-i", "/etc/passwd"])).toBe(125);
    expect(err).toBe("Error: not an archive of images: x\n");
  });
});

describe("galley import, untag and search", () => {
  test("galley import hands on instructions in order and prints the id", async () => {
    engine.importImage.mockResolvedValue({ id: "1" });
    const flags = ["-c", "CMD sh", "--change=ENV A=B", "-m", "hi", "--arch=arm64"];
    expect(await main(["import", "-q", ...flags, "/x.tar", "base:1"])).toBe(0);
    expect(out).toBe("sha256:1\n");
    expect(engine.importImage.mock.calls[0]?.slice(1)).toMatchObject([
      "/x.tar",
      { name: "base:1", changes: ["CMD sh", "ENV A=B"], message: "hi", platform: { architecture: "arm64" } },
    ]);
  });

  test("galley untag is silent", async () => {
    expect(await main(["untag", "a", "b", "c"])).toBe(0);
    expect(engine.untagImage.mock.calls[0]?.slice(1)).toEqual(["a", ["b", "c"]]);
    expect(out + err).toBe("");
  });

  const found = {
    index: "docker.io",
    name: "docker.io/library/app",
    description: `${"x".repeat(44)}yz`,
    starCount: 7,
    isOfficial: true,
    isAutomated: false,
  };

  test("galley search prints a table", async () => {
    engine.searchImages.mockResolvedValue([found]);
    expect(await main(["search", "--limit=3", "-f", "stars=2", "-f", "is-official", "app"])).toBe(0);
    expect(out).toBe(`NAME                   DESCRIPTION\ndocker.io/library/app  ${"x".repeat(44)}...\n`);
    expect(engine.searchImages.mock.calls[0]).toMatchObject(["app", { limit: 3, minStars: 2, isOfficial: true }]);
    out = "";
    expect(await main(["search", "--compatible", "--no-trunc", "app"])).toBe(0);
    expect(out).toMatch(/^NAME +DESCRIPTION +STARS +OFFICIAL +AUTOMATED\n.*xyz +7 +\[OK\] +\n$/);
  });

  test("galley search prints JSON, and nothing in text when nothing was found", async () => {
    engine.searchImages.mockResolvedValue([found]);
    expect(await main(["search", "--format=json", "app"])).toBe(0);
    expect(JSON.parse(out)).toEqual([
      {
        Index: "docker.io",
        Name: found.name,
        Description: found.description,
        Stars: 7,
        Official: "[OK]",
        Automated: "",
        Tag: "",
      },
    ]);
    out = "";
    engine.searchImages.mockResolvedValue([]);
    expect(await main(["search", "app"])).toBe(0);
    expect(out).toBe("");
    expect(await main(["search", "--format", "{{.Name}}", "app"])).toBe(125);
    expect(err).toContain("Go templates are not supported yet");
  });

  test("galley search --list-tags prints tags up to the limit", async () => {
    engine.listRemoteTags.mockImplementation(() => these("1", "2", "3"));
    expect(await main(["search", "--list-tags", "--limit=2", "example.test/app"])).toBe(0);
    expect(out).toBe("NAME              TAG\nexample.test/app  1\nexample.test/app  2\n");
    out = "";
    expect(await main(["search", "--list-tags", "--format=json", "example.test/app"])).toBe(0);
    expect(JSON.parse(out)).toEqual([{ Name: "example.test/app", Tags: ["1", "2", "3"] }]);
  });
});
