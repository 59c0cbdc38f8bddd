import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, stat, utimes, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { blob, collect, inPieces } from "../testing/bytes.ts";
import { startChild } from "../testing/child.ts";
import { scratch } from "../testing/scratch.ts";
import { openContent } from "./open-content.ts";

const filesIn = async (directory: string) => (await readdir(directory).catch(() => [])).sort();

describe("openContent()", () => {
  test("makes nothing before the first write and finds nothing", async () => {
    const directory = `${await scratch()}/content`;
    const content = openContent(directory);
    const { descriptor } = blob("x");
    expect(await content.exists(descriptor)).toBe(false);
    await expect(content.fetch(descriptor)).rejects.toMatchObject({ kind: "not-found", code: "storage.blob-unknown" });
    for await (const each of content.list()) expect.unreachable(String(each));
    expect(await content.delete(descriptor.digest)).toBe(false);
    await content.reclaim();
    await expect(stat(directory)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("keeps what was pushed, readable from any offset, listed and deletable", async () => {
    const content = openContent(await scratch());
    const { bytes, descriptor } = blob(randomBytes(1_000_000));
    await content.push(descriptor, inPieces(bytes, 77_777));
    expect(await content.exists(descriptor)).toBe(true);
    expect(Buffer.compare(await collect(await content.fetch(descriptor)), bytes)).toBe(0);
    expect(
      Buffer.compare(await collect(await content.fetch(descriptor, { offsetBytes: 999_990 })), bytes.subarray(999_990)),
    ).toBe(0);
    const listed: unknown[] = [];
    for await (const each of content.list()) listed.push(each);
    expect(listed).toEqual([{ digest: descriptor.digest, sizeBytes: 1_000_000 }]);
    expect(await content.delete(descriptor.digest)).toBe(true);
    expect(await content.exists(descriptor)).toBe(false);
  });

  test("keeps empty blobs too", async () => {
    const content = openContent(await scratch());
    const { descriptor } = blob("");
    await content.push(descriptor, inPieces(new Uint8Array()));
    expect(await content.exists(descriptor)).toBe(true);
  });

  test.each([
    ["other bytes", "wrong"],
    ["fewer bytes", "rig"],
    ["more bytes", "right and more"],
  ])("leaves nothing of %s, pushed or received", async (_, wrong) => {
    const directory = await scratch();
    const content = openContent(directory);
    const { descriptor } = blob("right");
    const source = () => inPieces(Buffer.from(wrong), 2);
    await expect(content.push(descriptor, source())).rejects.toMatchObject({ kind: "corrupt" });
    await expect(content.receive(descriptor, async () => source())).rejects.toMatchObject({ kind: "corrupt" });
    expect(await content.exists(descriptor)).toBe(false);
    for (const name of ["staging", "partial"]) expect(await filesIn(`${directory}/${name}`)).toEqual([]);
  });

  test("refuses digests that would become other paths", async () => {
    const content = openContent(await scratch());
    for (const digest of [
      "sha256:../../../etc/passwd",
      "sha256:",
      `sha256:${"A".repeat(64)}`,
      `sha256:${"a".repeat(63)}`,
      `sha256:${"a".repeat(63)}\0`,
    ])
      await expect(
        content.push({ mediaType: "x", digest: digest as never, size: 1 }, inPieces(Buffer.from("x"))),
      ).rejects.toMatchObject({ kind: "invalid" });
  });

  test("tells a stored file of another size as corrupt, and writes it anew", async () => {
    const directory = await scratch();
    const content = openContent(directory);
    const { bytes, descriptor } = blob("whole");
    await content.push(descriptor, inPieces(bytes));
    const path = `${directory}/blobs/${descriptor.digest.replace(":", "/")}`;
    await chmod(path, 0o600);
    await writeFile(path, "cut");
    await expect(content.fetch(descriptor)).rejects.toMatchObject({ kind: "corrupt", code: "storage.blob-size" });
    await content.push(descriptor, inPieces(bytes));
    expect(Buffer.from(await collect(await content.fetch(descriptor))).toString()).toBe("whole");
  });

  test("lets many writers bring the same blob at once", async () => {
    const directory = await scratch();
    const { bytes, descriptor } = blob(randomBytes(300_000));
    await Promise.all(
      Array.from({ length: 12 }, () => openContent(directory).push(descriptor, inPieces(bytes, 10_000))),
    );
    expect(Buffer.compare(await collect(await openContent(directory).fetch(descriptor)), bytes)).toBe(0);
    expect(await filesIn(`${directory}/staging`)).toEqual([]);
  });

  test("stops at a signal and keeps nothing of a push", async () => {
    const directory = await scratch();
    const { bytes, descriptor } = blob(randomBytes(300_000));
    const stop = new AbortController();
    const source = async function* () {
      yield bytes.subarray(0, 1000);
      stop.abort();
      yield bytes.subarray(1000);
    };
    await expect(openContent(directory).push(descriptor, source(), { signal: stop.signal })).rejects.toMatchObject({
      kind: "cancelled",
    });
    expect(await filesIn(`${directory}/staging`)).toEqual([]);
  });
});

describe("receive()", () => {
  const { bytes, descriptor } = blob(randomBytes(500_000));
  const breaking = (offset: number, end: number) =>
    (async function* () {
      yield bytes.subarray(offset, end);
      throw new RangeError("the line is cut");
    })();

  test("goes on where an attempt broke off, as often as needed", async () => {
    const content = openContent(await scratch());
    const offsets: number[] = [];
    for (const end of [100_000, 250_000, 400_000])
      await expect(
        content.receive(descriptor, async (offset) => {
          offsets.push(offset);
          return breaking(offset, end);
        }),
      ).rejects.toMatchObject({ message: expect.stringContaining("the line is cut") });
    await content.receive(descriptor, async (offset) => {
      offsets.push(offset);
      return inPieces(bytes.subarray(offset));
    });
    expect(offsets).toEqual([0, 100_000, 250_000, 400_000]);
    expect(Buffer.compare(await collect(await content.fetch(descriptor)), bytes)).toBe(0);
  });

  test("begins again from the start when the kept beginning was wrong", async () => {
    const directory = await scratch();
    const content = openContent(directory);
    await expect(content.receive(descriptor, async () => breaking(0, 1000))).rejects.toThrow();
    const [kept] = await filesIn(`${directory}/partial`);
    for (const wrong of [Buffer.alloc(1000, "x"), Buffer.alloc(600_000), Buffer.alloc(500_000)]) {
      await content.delete(descriptor.digest);
      await writeFile(`${directory}/partial/${kept}`, wrong);
      const offsets: number[] = [];
      await content.receive(descriptor, async (offset) => {
        offsets.push(offset);
        return inPieces(bytes.subarray(offset));
      });
      expect(offsets.at(-1)).toBe(0);
      expect(await content.exists(descriptor)).toBe(true);
      expect(await filesIn(`${directory}/partial`)).toEqual([]);
    }
  });

  test("gives a kept beginning to one of two that ask at once", async () => {
    const content = openContent(await scratch());
    await expect(content.receive(descriptor, async () => breaking(0, 1000))).rejects.toThrow();
    const offsets: number[] = [];
    const source = async (offset: number) => {
      offsets.push(offset);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return inPieces(bytes.subarray(offset), 50_000);
    };
    await Promise.all([content.receive(descriptor, source), content.receive(descriptor, source)]);
    expect(offsets.sort()).toEqual([0, 1000]);
  });
});

describe("receive() with onBytes", () => {
  const { bytes, descriptor } = blob(randomBytes(400_000));
  const listener = () => {
    const heard: { position: number; bytes: Uint8Array }[] = [];
    const onBytes = (chunk: Uint8Array, position: number): undefined => {
      heard.push({ position, bytes: new Uint8Array(chunk) });
    };
    return { heard, onBytes, all: () => Buffer.concat(heard.map(({ bytes }) => bytes)) };
  };

  test("hands on what it stores, also the beginning that was kept", async () => {
    const content = openContent(await scratch());
    const cut = async () =>
      (async function* () {
        yield* inPieces(bytes.subarray(0, 150_000), 50_000);
        throw new RangeError("the line is cut");
      })();
    await expect(content.receive(descriptor, cut)).rejects.toThrow();
    const { heard, onBytes, all } = listener();
    const offsets: number[] = [];
    const rest = async (offset: number) => {
      offsets.push(offset);
      return inPieces(bytes.subarray(offset), 70_000);
    };
    await content.receive(descriptor, rest, { onBytes });
    expect(offsets).toEqual([150_000]);
    expect(Buffer.compare(all(), bytes)).toBe(0);
    let next = 0;
    for (const { position, bytes: chunk } of heard) {
      expect(position).toBe(next);
      next += chunk.length;
    }
  });

  test("begins at 0 again when the kept beginning was wrong", async () => {
    const directory = await scratch();
    const content = openContent(directory);
    await mkdir(`${directory}/partial`, { recursive: true });
    await writeFile(`${directory}/partial/${descriptor.digest.replace(":", "-")}`, randomBytes(100_000));
    const { heard, onBytes } = listener();
    await content.receive(descriptor, async (offset) => inPieces(bytes.subarray(offset), 100_000), { onBytes });
    const starts = heard.filter(({ position }) => position === 0);
    expect(starts).toHaveLength(2);
    const last = heard.slice(heard.lastIndexOf(starts[1]!));
    expect(Buffer.compare(Buffer.concat(last.map(({ bytes }) => bytes)), bytes)).toBe(0);
  });

  test("waits for the listener, and stops with what it throws, leaving nothing visible", async () => {
    const content = openContent(await scratch());
    let waiting = 0;
    const slow = async () => {
      waiting += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(waiting).toBe(1);
      waiting -= 1;
    };
    await content.receive(descriptor, async () => inPieces(bytes, 20_000), { onBytes: slow });
    const other = blob(randomBytes(100_000));
    const refuse = () => {
      throw new RangeError("no more");
    };
    const receiving = content.receive(other.descriptor, async () => inPieces(other.bytes, 10_000), { onBytes: refuse });
    await expect(receiving).rejects.toThrow(/no more/);
    expect(await content.exists(other.descriptor)).toBe(false);
  });
});

describe("reclaim()", () => {
  test("turns what a killed process had written into a beginning to go on from", async () => {
    const directory = await scratch();
    const code = `
      import { openContent } from "./content/open-content.ts";
      import { blob } from "./testing/bytes.ts";
      const { descriptor } = blob(Buffer.alloc(100_000, "galley"));
      const source = async function* () {
        yield Buffer.alloc(60_000, "galley");
        await new Promise((resolve) => setTimeout(resolve, 200)); // small pieces wait for more, but not for long
        console.log("half");
        setInterval(() => {}, 1000);
        await new Promise(() => {});
      };
      await openContent(process.argv[1]).receive(descriptor, async () => source());`;
    const child = startChild(code, directory);
    await child.printed("half");
    const content = openContent(directory);
    await content.reclaim();
    expect(await filesIn(`${directory}/staging`), "the living keep theirs").toHaveLength(1);
    child.process.kill("SIGKILL");
    await child.ended;
    const { bytes, descriptor } = blob(Buffer.alloc(100_000, "galley"));
    expect(await content.exists(descriptor)).toBe(false);
    await content.reclaim();
    expect(await filesIn(`${directory}/staging`)).toEqual([]);
    const offsets: number[] = [];
    await content.receive(descriptor, async (offset) => {
      offsets.push(offset);
      return inPieces(bytes.subarray(offset));
    });
    expect(offsets).toEqual([60_000]);
    expect(await content.exists(descriptor)).toBe(true);
  });

  test("discards beginnings, those of dead writers too, when told to", async () => {
    const directory = await scratch();
    const content = openContent(directory);
    expect(await content.discardPartial()).toBe(0);
    const name = (digit: string) => `sha256-${digit.repeat(64)}`;
    for (const place of ["partial", "staging"]) await mkdir(`${directory}/${place}`);
    await writeFile(`${directory}/partial/${name("a")}`, "begun");
    await writeFile(`${directory}/staging/999999999-1-${"0".repeat(16)}.${name("b")}`, "also");
    expect(await content.discardPartial()).toBe(9);
    for (const place of ["partial", "staging"]) expect(await filesIn(`${directory}/${place}`)).toEqual([]);
  });

  test("forgets beginnings after a week", async () => {
    const directory = await scratch();
    await mkdir(`${directory}/partial`);
    for (const [digit, days] of [
      ["a", 6],
      ["b", 8],
    ] as const) {
      const path = `${directory}/partial/sha256-${digit.repeat(64)}`;
      await writeFile(path, "begun");
      const time = new Date(Date.now() - days * 86_400_000);
      await utimes(path, time, time);
    }
    await openContent(directory).reclaim();
    expect(await filesIn(`${directory}/partial`)).toEqual([`sha256-${"a".repeat(64)}`]);
  });

  test("keeps the longer of two beginnings and removes files with foreign names never", async () => {
    const directory = await scratch();
    await mkdir(`${directory}/staging`);
    await mkdir(`${directory}/partial`);
    const name = `sha256-${"ab".repeat(32)}`;
    const dead = `999999999-1-${"0".repeat(16)}.${name}`;
    await writeFile(`${directory}/partial/${name}`, "long");
    await writeFile(`${directory}/staging/${dead}`, "sho");
    await writeFile(`${directory}/staging/notes.txt`, "mine");
    await openContent(directory).reclaim();
    expect(await readFile(`${directory}/partial/${name}`, "utf8")).toBe("long");
    expect(await filesIn(`${directory}/staging`)).toEqual(["notes.txt"]);
    await writeFile(`${directory}/staging/${dead}`, "longer");
    await openContent(directory).reclaim();
    expect(await readFile(`${directory}/partial/${name}`, "utf8")).toBe("longer");
    await rename(`${directory}/partial/${name}`, `${directory}/staging/${dead.replace(name, "nonsense")}`);
    await openContent(directory).reclaim();
    expect(await filesIn(`${directory}/staging`)).toEqual(["notes.txt"]);
  });
});
