import { type ForgedEntry, forge } from "@galley/conformance";
import { encodeStream, type Step, type StepOf, slot } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { flatten, inPieces } from "../testing/streams.ts";
import { type LayerStepsOptions, layerSteps } from "./layer-steps.ts";

const root = slot("root");
const stepsOf = (entries: readonly ForgedEntry[], options: Partial<LayerStepsOptions> = {}) =>
  flatten(layerSteps(inPieces(forge(...entries)), { root, ...options }));

/** One line per step: operation, path, and what matters of the rest. */
function lines(steps: readonly Step[]): string[] {
  return steps.map(({ op, args, ok }) => {
    const { at: _, out: _out, file: _file, slot: _slot, bytes, value, ...rest } = args as Record<string, unknown>;
    const shown = Object.entries(rest).map(([key, each]) => `${key}=${Array.isArray(each) ? each.join("+") : each}`);
    if (bytes) shown.push(`bytes=${(bytes as Uint8Array).length}`);
    if (value) shown.push(`value=${Buffer.from(value as Uint8Array).toString("latin1")}`);
    return [op, ...shown, ...(ok ? [`ok=${ok.join("+")}`] : [])].join(" ");
  });
}

/** A spooled file that keeps what is written to it. */
function spooled(written: Uint8Array[]) {
  return {
    directory: slot("large"),
    name: "0",
    write: async (bytes: Uint8Array) => void written.push(new Uint8Array(bytes)),
    hole: (sizeBytes: number) => void written.push(new Uint8Array(sizeBytes)),
    end: async () => {},
  };
}

describe("layerSteps()", () => {
  test("makes a file through its own slot: data, then owner before mode before times, then xattrs, then close", async () => {
    const pax = { "SCHILY.xattr.security.capability": "cap", "SCHILY.xattr.user.a": "b" };
    const steps = await stepsOf([{ name: "f", content: "hello", mode: 0o4755, uid: 5, gid: 6, mtime: 9, pax }]);
    expect(lines(steps)).toEqual([
      "create path=f flags=replace mode=384",
      "data bytes=5",
      "attributes path= set=owner+mode+times uid=5 gid=6 mode=2541 seconds=9 nanoseconds=0",
      "xattr path= name=security.capability value=cap",
      "xattr path= name=user.a value=b ok=EOPNOTSUPP",
      "close",
    ]);
    const slots = new Set(steps.map(({ args }) => (args as { at?: object }).at));
    expect(slots).toContain(root);
    expect(steps[2]).toMatchObject({ args: { at: (steps[0] as StepOf<"create">).args.out } });
  });

  test("leaves holes for zeros that are worth one", async () => {
    const content = Buffer.concat([Buffer.alloc(262_144), Buffer.from("x"), Buffer.alloc(300_000)]);
    const steps = await flatten(layerSteps(inPieces(forge({ name: "f", content }), 262_144 + 512), { root }));
    const made = steps.flatMap(({ op, args }) =>
      op === "hole" ? [Number(args.sizeBytes)] : op === "data" ? [args.bytes.length] : [],
    );
    expect(steps.some(({ op }) => op === "hole")).toBe(true);
    expect(made.reduce((sum, length) => sum + length, 0)).toBe(content.length);
    expect(lines(await stepsOf([{ name: "f", content: Buffer.alloc(1000) }]))).toContain("data bytes=1000");
  });

  test("uses one slot for all files, so that a layer of any size encodes", async () => {
    const steps = await stepsOf([{ name: "a", content: "1" }, { name: "b", content: "2" }, { name: "c" }]);
    const numbering = { lanes: [], slots: new Map(), marks: new Map() };
    expect(Buffer.concat(encodeStream(steps, numbering)).length).toBeGreaterThan(100);
    expect(numbering.slots.size).toBe(2);
  });

  test("needs each piece of the archive only until it asks for the next", async () => {
    const pax = { path: "n".repeat(150), "SCHILY.xattr.user.a": "value", mtime: "5.25" };
    const archive = forge(
      { name: "short", content: new Uint8Array(3000).fill(1), pax },
      { name: "p".repeat(140), content: "long name" },
      { name: "spooled", content: new Uint8Array(9000).fill(2), pax: { "SCHILY.xattr.security.capability": "cap" } },
    );
    async function* vanishing(): AsyncIterable<Uint8Array> {
      for await (const piece of inPieces(archive, 700)) {
        const copy = Buffer.from(piece);
        yield copy;
        copy.fill(0xaa);
      }
    }
    const written: Uint8Array[] = [];
    const read = async (tar: AsyncIterable<Uint8Array>) => {
      const numbering = { lanes: [], slots: new Map(), marks: new Map() };
      const spool = { fromBytes: 5000, create: async () => spooled(written) };
      const batches: Buffer[] = [];
      for await (const steps of layerSteps(tar, { root, spool }))
        batches.push(Buffer.concat(encodeStream(steps, numbering)));
      return Buffer.concat([...batches, ...written.splice(0)]);
    };
    expect(Buffer.compare(await read(vanishing()), await read(inPieces(archive, 700)))).toBe(0);
  });

  test("sends files from a size on to the spool, and brings them to their places when they are whole", async () => {
    const written: Uint8Array[] = [];
    const spool = { fromBytes: 1000, create: async () => spooled(written) };
    const pax = { "SCHILY.xattr.user.a": "b" };
    const content = new Uint8Array(1000).fill(3);
    const steps = await stepsOf(
      [
        { name: "d/f", content, mode: 0o4755, pax },
        { name: "small", content: "x" },
      ],
      { spool },
    );
    expect(lines(steps)).toEqual([
      "mkdir path=d mode=493 ok=EEXIST",
      "rename path=0 to=d/f from=[object Object] flags=replace",
      expect.stringMatching(/^attributes path=d\/f set=owner\+mode\+times .*mode=2541/),
      "xattr path=d/f name=user.a value=b ok=EOPNOTSUPP",
      "create path=small flags=replace mode=384",
      "data bytes=1",
      expect.stringMatching(/^attributes path= /),
      "close",
    ]);
    expect(Buffer.compare(Buffer.concat(written), content)).toBe(0);
  });

  test("passes data on without copying, in steps of at most 256 KiB", async () => {
    const archive = forge({ name: "big", content: new Uint8Array(600_000).fill(1) });
    const steps = await flatten(layerSteps(inPieces(archive), { root }));
    const data = steps.flatMap((step) => (step.op === "data" ? [step.args.bytes] : []));
    expect(data.map(({ length }) => length)).toEqual([262_144, 262_144, 75_712]);
    for (const bytes of data) expect(bytes.buffer).toBe(archive.buffer);
  });

  test("makes links, nodes and fifos with what their kind can carry", async () => {
    const steps = await stepsOf([
      { name: "s", flag: "2", linkName: "/etc/../x", uid: 1 },
      { name: "h", flag: "1", linkName: "/s" },
      { name: "c", flag: "3", major: 1, minor: 3, mode: 0o666 },
      { name: "p", flag: "6" },
    ]);
    expect(lines(steps)).toEqual([
      "symlink path=s flags=replace target=/etc/../x",
      "attributes path=s set=owner+times uid=1 gid=0 seconds=0 nanoseconds=0",
      "link path=h flags=replace existing=s",
      "mknod path=c flags=replace mode=8576 major=1 minor=3",
      "attributes path=c set=owner+mode+times uid=0 gid=0 mode=438 seconds=0 nanoseconds=0",
      "mknod path=p flags=replace mode=4480 major=0 minor=0",
      "attributes path=p set=owner+mode+times uid=0 gid=0 mode=420 seconds=0 nanoseconds=0",
    ]);
  });

  test("sets the times of directories at the very end, parents first, and not of those that were replaced", async () => {
    const steps = await stepsOf([
      { name: "./", flag: "5", mtime: 1 },
      { name: "a", flag: "5", mtime: 2 },
      { name: "a/b", flag: "5", mtime: 3 },
      { name: "gone", flag: "5", mtime: 4 },
      { name: "gone/in", flag: "5", mtime: 5 },
      { name: "gone", flag: "2", linkName: "a" },
      { name: "a/f", content: "x" },
    ]);
    expect(lines(steps).slice(-4)).toEqual([
      "close",
      "attributes path= set=times seconds=1 nanoseconds=0",
      "attributes path=a set=times seconds=2 nanoseconds=0",
      "attributes path=a/b set=times seconds=3 nanoseconds=0",
    ]);
    expect(lines(steps)[0]).toBe("attributes path= set=owner+mode uid=0 gid=0 mode=420");
  });

  test("makes missing parents once and leaves what is there, such as a link", async () => {
    const steps = await stepsOf([{ name: "a/b/c" }, { name: "a/b/d" }, { name: "a/e" }]);
    expect(lines(steps).filter((line) => line.startsWith("mkdir"))).toEqual([
      "mkdir path=a mode=493 ok=EEXIST",
      "mkdir path=a/b mode=493 ok=EEXIST",
    ]);
  });

  test("makes parents anew after something else took their place", async () => {
    const steps = await stepsOf([{ name: "a/b" }, { name: "a" }, { name: "a/c" }]);
    expect(
      lines(steps)
        .filter((line) => /^(mkdir|create)/.test(line))
        .map((line) => line.split(" mode")[0]),
    ).toEqual([
      "mkdir path=a",
      "create path=a/b flags=replace",
      "create path=a flags=replace",
      "mkdir path=a",
      "create path=a/c flags=replace",
    ]);
  });

  test("hides a name of lower layers by a 0/0 device, wherever the whiteout stands", async () => {
    expect(lines(await stepsOf([{ name: "a/.wh.f" }, { name: "a/f", content: "new" }])).slice(0, 3)).toEqual([
      "mkdir path=a mode=493 ok=EEXIST",
      "mknod path=a/f mode=8192 major=0 minor=0 ok=EEXIST",
      "create path=a/f flags=replace mode=384",
    ]);
    // After the file: the step does not replace, the file stays.
    expect(lines(await stepsOf([{ name: "f" }, { name: ".wh.f" }])).at(-1)).toBe(
      "mknod path=f mode=8192 major=0 minor=0 ok=EEXIST",
    );
  });

  test("makes a directory opaque whose name the same layer hides, before or after", async () => {
    const mark = "xattr path=d name=trusted.overlay.opaque value=y";
    const before = lines(await stepsOf([{ name: ".wh.d" }, { name: "d", flag: "5" }]));
    expect(before.slice(0, 3)).toEqual([
      "mknod path=d mode=8192 major=0 minor=0 ok=EEXIST",
      "mkdir path=d mode=448 flags=replace+keepDirectory",
      mark,
    ]);
    expect(lines(await stepsOf([{ name: "d", flag: "5" }, { name: ".wh.d" }]))).toContain(mark);
    const implied = lines(await stepsOf([{ name: ".wh.d" }, { name: "d/e/f" }]));
    expect(implied.slice(1, 4)).toEqual([
      "mkdir path=d mode=493 flags=replace+keepDirectory",
      mark,
      "mkdir path=d/e mode=493 ok=EEXIST",
    ]);
  });

  test("marks an opaque directory once, with the mark that the mount reads", async () => {
    const many = Array.from({ length: 50 }, () => ({ name: "d/.wh..wh..opq" }));
    expect(lines(await stepsOf(many))).toEqual([
      "mkdir path=d mode=493 ok=EEXIST",
      "xattr path=d name=trusted.overlay.opaque value=y",
    ]);
    expect(lines(await stepsOf([{ name: ".wh..wh..opq" }], { marks: "user" }))).toEqual([
      "xattr path= name=user.overlay.opaque value=y",
    ]);
  });

  test("takes time in proportion to the names, however deep and however often replaced", async () => {
    const deep = `${"d/".repeat(1900)}f`;
    const entries = Array.from({ length: 400 }, (_, index) => ({ pax: { path: `${deep}${index % 3}` } }));
    const start = performance.now();
    expect((await stepsOf(entries)).length).toBe(1900 + 400 * 3);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("makes small batches of a chunk that asks for many directories", async () => {
    const entries = Array.from({ length: 20 }, (_, index) => ({ pax: { path: `${index}/${"d/".repeat(1500)}f` } }));
    const sizes: number[] = [];
    for await (const steps of layerSteps(inPieces(forge(...entries)), { root })) sizes.push(steps.length);
    expect(Math.max(...sizes)).toBeLessThan(1024 + 2048);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(20 * 1500);
  });

  test("stops at too many directories", async () => {
    const entries = Array.from({ length: 20 }, (_, index) => ({ name: `d${index}`, flag: "5" }));
    await expect(stepsOf(entries, { limits: { maxDirectories: 10 } })).rejects.toMatchObject({
      code: "image.too-large",
    });
  });

  test("takes replacing a huge directory again and again without going over it", async () => {
    const files = Array.from({ length: 5000 }, (_, index) => ({ name: `d/${index}`, flag: "5" }));
    const flips = Array.from({ length: 5000 }, (_, index) => ({ name: "x", flag: index % 2 ? "5" : "0" }));
    const start = performance.now();
    await stepsOf([...files, ...flips]);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
