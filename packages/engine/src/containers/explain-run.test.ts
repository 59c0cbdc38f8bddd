import { existsSync } from "node:fs";
import { inspect } from "node:util";
import { check, explain } from "@galley/plan";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeImage, putImage } from "../testing/make-image.ts";
import { recorder } from "../testing/recorder.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { explainRun } from "./explain-run.ts";
import type { CreateContainerOptions } from "./options.ts";

const mega = 2 ** 20;
// One list to add from and one to drop from: a capability in both is refused.
const addCapability = fc.constantFrom("ALL", "CAP_NET_ADMIN", "sys_admin", "SYS_PTRACE");
const dropCapability = fc.constantFrom("CHOWN", "SETUID", "NET_RAW", "CAP_KILL");
const few = <Value>(value: fc.Arbitrary<Value>) => fc.uniqueArray(value, { maxLength: 3 });
const part = { requiredKeys: [] };

const processOptions = fc.record(
  {
    command: fc.constantFrom(["sh"], ["/bin/echo", "hi"], ["./here"], ["a b", "", "ü"]),
    entrypoint: fc.constantFrom(["env"], ["/init"]),
    environment: fc.dictionary(fc.stringMatching(/^[A-Z_]{1,8}$/), fc.stringMatching(/^[ -~]{0,12}$/), { maxKeys: 3 }),
    workingDirectory: fc.constantFrom("/", "/srv", "/a/very/deep/place", "/a/../b"),
    user: fc.constantFrom("", "0", "ada", "1000:10", "4711", "ada:wheel"),
    terminal: fc.boolean(),
    openStdin: fc.boolean(),
    init: fc.boolean(),
  },
  part,
);
const resourceOptions = fc.record(
  {
    memoryBytes: fc.integer({ min: 64 * mega, max: 512 * mega }),
    cpus: fc.constantFrom(0, 0.01, 0.5, 2, 64),
    pidsLimit: fc.constantFrom(-1, 0, 1, 20, 100_000),
    ulimits: few(fc.constantFrom("nofile", "nproc", "core")).map((names) =>
      names.map((name) => ({ name, soft: 10, hard: 20 })),
    ),
  },
  part,
);
const securityOptions = fc.record(
  {
    privileged: fc.boolean(),
    seccomp: fc.constantFrom("default" as const, "unconfined" as const, {
      text: '{"defaultAction":"SCMP_ACT_ALLOW"}',
      path: "p.json",
    }),
    labels: fc.constantFrom([], ["disable"]),
    noNewPrivileges: fc.boolean(),
    maskedPaths: fc.constantFrom([], ["/etc/shadow", "/proc/cpuinfo"]),
    unmaskedPaths: fc.constantFrom([], ["ALL"], ["/proc/*"]),
  },
  part,
);
const capabilities = fc.oneof(
  fc.record({ addCapabilities: few(addCapability), dropCapabilities: few(dropCapability) }, part),
  fc.record({ addCapabilities: few(dropCapability), dropCapabilities: fc.constant(["ALL"]) }),
);
const security = fc.tuple(securityOptions, capabilities).map(([others, changes]) => ({ ...others, ...changes }));
const place = fc.constantFrom("/data", "/data/in", "/etc/hosts", "/dev/shm", "/run", "/tmp", "/a/b/c");
const fileOptions = fc
  .record({
    places: few(place),
    kinds: fc.array(fc.constantFrom("tmpfs", "/", "/proc/self/status"), { minLength: 3, maxLength: 3 }),
    options: fc.constantFrom([], ["ro"], ["rw", "nosuid", "nodev", "noexec"], ["rbind", "rslave"]),
    readOnlyRoot: fc.boolean(),
  })
  .map(({ places, kinds, options, readOnlyRoot }) => ({
    readOnlyRoot,
    tmpfs: places
      .filter((_, at) => kinds[at] === "tmpfs")
      .map((containerPath) => ({ containerPath, options: ["size=1m"] })),
    binds: places.flatMap((containerPath, at) =>
      kinds[at] === "tmpfs" ? [] : [{ hostPath: kinds[at] as string, containerPath, options }],
    ),
  }));
const containerOptions = fc.record(
  {
    image: fc.constantFrom("image", "absent"),
    name: fc.constantFrom("cook", "a.b-c"),
    hostname: fc.constantFrom("galley", "a"),
    labels: fc.constant({ a: "b" }),
    network: fc.constantFrom("none" as const, "host" as const),
    process: processOptions,
    resources: resourceOptions,
    security,
    files: fileOptions,
    life: fc.record({ autoRemove: fc.boolean(), stopSignal: fc.constantFrom("INT", "9") }, part),
  },
  { requiredKeys: ["image"] },
);

describe("explainRun()", () => {
  test("explainRun() makes plans without a finding for every combination of options", { timeout: 60_000 }, async () => {
    const engine = await scratchEngine({ cleanupCommand: (id) => ["/programs/galley", "cleanup", id] });
    putImage(engine, makeImage("image", { Cmd: ["sh"], Env: ["A=b"], WorkingDir: "/srv" }));
    const property = fc.asyncProperty(containerOptions as fc.Arbitrary<CreateContainerOptions>, async (options) => {
      const user =
        options.image === "absent" && /ada/.test(options.process?.user ?? "")
          ? { process: { ...options.process, user: "1" } }
          : {};
      const { plan } = await explainRun(engine, { ...options, ...user });
      expect(check(plan)).toEqual([]);
      expect(explain(plan)).toContain("become the keeper");
    });
    await fc.assert(property, { numRuns: 150 });
  });

  test("explainRun() works without the image, and says so", async () => {
    const engine = await scratchEngine();
    const { plan, notes } = await explainRun(engine, { image: "alpine", process: { command: ["sh"] } });
    expect(plan.title).toContain("alpine");
    expect(notes).toEqual([expect.stringContaining("alpine is not in the store")]);
  });

  test("explainRun() of an image in the store assumes nothing", async () => {
    const engine = await scratchEngine();
    const { layers } = putImage(engine, makeImage());
    const { plan, notes } = await explainRun(engine, { image: "image" });
    expect(notes).toEqual([]);
    expect(inspect(plan, { depth: null })).toContain(engine.storage.layers.treePath(layers[0]!.chainId));
  });

  test("explainRun() performs nothing and writes nothing", async () => {
    const { perform, plans } = recorder();
    const engine = await scratchEngine({ perform });
    await explainRun(engine, { image: "alpine" });
    expect(plans).toEqual([]);
    expect([engine.places.root, engine.places.runroot].map((path) => existsSync(path))).toEqual([false, false]);
  });

  test("explainRun() gives the same answer to the same question", async () => {
    const engine = await scratchEngine();
    const texts = [];
    for (let round = 0; round < 2; round++)
      texts.push(explain((await explainRun(engine, { image: "alpine", name: "x" })).plan));
    expect(texts[0]).toBe(texts[1]);
  });

  test("explainRun() names who contributed each step", async () => {
    const { plan } = await explainRun(await scratchEngine(), {
      image: "alpine",
      resources: { memoryBytes: 64 * mega },
      security: { dropCapabilities: ["ALL"] },
    });
    for (const by of ["namespaces", "cgroups", "mounts", "capabilities", "seccomp", "keeper"])
      expect(explain(plan)).toContain(by);
  });

  test.each<[CreateContainerOptions, string]>([
    [{ image: "Not A Name" }, "invalid"],
    [{ image: "alpine", resources: { memoryBytes: 1 } }, "invalid"],
    [{ image: "alpine", security: { addCapabilities: ["NONSENSE"] } }, "invalid"],
    [{ image: "alpine", security: { seccomp: { text: "{", path: "broken.json" } } }, "invalid"],
    [{ image: "alpine", files: { binds: [{ hostPath: "/no/such", containerPath: "/x", options: [] }] } }, "not-found"],
    [{ image: "alpine", files: { binds: [{ hostPath: "/", containerPath: "/x", options: ["nonsense"] }] } }, "invalid"],
    [{ image: "alpine", process: { user: "eve" } }, "not-found"],
  ])("explainRun() refuses %j", async (options, kind) => {
    await expect(explainRun(await scratchEngine(), options)).rejects.toMatchObject({ kind });
  });
});
