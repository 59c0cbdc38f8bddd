import { mkdirSync } from "node:fs";
import { release } from "node:os";
import { text } from "node:stream/consumers";
import { createLayer, type LayerEntry, layerSteps } from "@galley/image";
import { lane, type Perform, slot, stepper } from "@galley/plan";
import { beforeAll, describe, expect, test } from "vitest";
import { applyLayer } from "../layers/apply-layer.ts";
import { performProblem } from "../testing/real-perform.ts";
import { scratch } from "../testing/scratch.ts";
import { type RootMountOptions, rootMount } from "./root-mount.ts";
import { rootMountSteps } from "./root-mount-steps.ts";

const reason = performProblem();
const step = stepper("test");
const [major = 0, minor = 0] = release().split(".").map(Number);

describe.skipIf(reason)(`rootMount() on this kernel${reason && ` (skipped: ${reason})`}`, () => {
  let perform: Perform;
  beforeAll(async () => {
    ({ perform } = await import("@galley/stage"));
  });

  async function stores(layers: LayerEntry[][]) {
    const directory = await scratch();
    const place = (name: string) => {
      mkdirSync(`${directory}/${name}`);
      return `${directory}/${name}`;
    };
    const lower: string[] = [];
    for (const [index, entries] of layers.entries()) {
      const path = place(`layer${index}`);
      await applyLayer(path, (root) => layerSteps(createLayer(entries), { root }), { perform });
      lower.push(path);
    }
    return {
      lower,
      empty: [place("empty0"), place("empty1")] as const,
      writable: { upper: place("upper"), work: place("work") },
      target: place("target"),
      directory,
    };
  }

  /** What a shell prints in the mounted root. Mounts end with the plan: they are in a mount namespace of its own. */
  async function inRoot(
    options: RootMountOptions,
    where: { target: string; directory: string },
    script: string,
  ): Promise<string> {
    const [root, output] = [slot("root"), slot("output")];
    const steps = [
      step("unshare", { namespaces: ["mount"] }, "keep mounts to ourselves"),
      step("mountAttributes", { path: "/", propagation: ["private"], flags: ["recursive"] }, "and let none out"),
      ...rootMountSteps(rootMount(options), { out: root, linkDirectory: `${where.directory}/l` }),
      step("moveMount", { mount: root, path: where.target }, "attach the root"),
      step("inherited", { descriptor: 5, out: output }, "take the pipe"),
      step(
        "exec",
        {
          candidates: ["/bin/sh"],
          argv: ["sh", "-c", `cd ${where.target} && ${script}`],
          env: ["PATH=/bin:/usr/bin"],
          descriptors: [
            { slot: output, number: 1 },
            { slot: output, number: 2 },
          ],
        },
        "look",
      ),
    ];
    const performance = perform(
      { title: "look into a root", lane: lane("host", steps) },
      { inherit: ["ignore", "ignore", "ignore", "ignore", "ignore", "pipe"] },
    );
    const stream = performance.streams.get(5);
    const said = stream ? text(stream) : "";
    await performance.ended;
    return said;
  }

  const file = (path: string, content = path): LayerEntry => ({ path, type: "file", content });
  const layers: LayerEntry[][] = [
    [
      file("kept"),
      file("removed"),
      file("replaced", "old"),
      file("dir/lower"),
      file("opaque/lower"),
      file("again/lower"),
      file("late/lower"),
    ],
    [
      file(".wh.removed"),
      file("replaced", "new"),
      file("dir/upper"),
      { path: "opaque", type: "directory" },
      file("opaque/.wh..wh..opq"),
      file("opaque/upper"),
      file(".wh.again"),
      { path: "again", type: "directory" },
      file("again/upper"),
      { path: "late", type: "directory" },
      file("late/upper"),
      file(".wh.late"),
    ],
  ];
  const merged = "./again/upper\n./dir/lower\n./dir/upper\n./kept\n./late/upper\n./opaque/upper\n./replaced\n";

  test.each([
    ["this kernel", { major, minor }],
    ["kernels before 6.8", { major: 6, minor: 1 }],
  ])("shows what the layers say, whiteouts and opaque directories included, in the form for %s", async (_, kernel) => {
    const { target, directory, ...options } = await stores(layers);
    expect(await inRoot({ ...options, kernel }, { target, directory }, "find . -type f | sort; cat replaced")).toBe(
      `${merged}new`,
    );
  });

  test("keeps writes in the upper layer, and has none without one", async () => {
    const { target, directory, ...options } = await stores(layers);
    const kernel = { major, minor };
    expect(
      await inRoot(
        { ...options, kernel, volatile: true },
        { target, directory },
        "echo hi > made && rm kept && cat made && ls",
      ),
    ).toBe("hi\nagain\ndir\nlate\nmade\nopaque\nreplaced\n");
    const { writable: _, ...readOnly } = options;
    expect(
      await inRoot({ ...readOnly, kernel }, { target, directory }, "touch made 2>&1 | grep -o 'Read-only'; cat kept"),
    ).toBe("Read-only\nkept");
  });

  test("mounts images of no layer and of one layer read-only", async () => {
    const { target, directory, ...options } = await stores([[file("only")]]);
    const common = { empty: options.empty, kernel: { major, minor } };
    expect(await inRoot({ ...common, lower: options.lower }, { target, directory }, "ls")).toBe("only\n");
    expect(await inRoot({ ...common, lower: [] }, { target, directory }, "ls; echo end")).toBe("end\n");
  });

  test("mounts 120 layers", { timeout: 60_000 }, async () => {
    const { target, directory, ...options } = await stores(
      Array.from({ length: 120 }, (_, index) => [file(`f${index}`, "x")]),
    );
    expect(await inRoot({ ...options, kernel: { major, minor } }, { target, directory }, "ls | wc -l")).toBe("120\n");
  });
});
