import { check, explain, type Step, slot } from "@galley/plan";
import type { MountSpec } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { mountSteps } from "./mount-steps.ts";
import { podmanMounts } from "./testing/podman-mounts.ts";
import { wholePlan } from "./testing/whole-plan.ts";

const root = slot("root");
const whys = (steps: readonly Step[]): string[] => steps.map(({ why }) => why);
const plan = (mounts: readonly MountSpec[], options = {}) =>
  mountSteps(mounts, { root, cgroups: { version: 2 }, ...options });

test("mountSteps() gives a plan whose rules hold, with everything else of this package", () => {
  expect(check(wholePlan({ terminal: true }))).toEqual([]);
});

test("mountSteps() and all around it: the printed plan of podman's mounts", () => {
  expect(explain(wholePlan({ terminal: true }))).toMatchSnapshot();
});

test("mountSteps() takes the sources of binds before the root is attached, attributes included", () => {
  const { before, beneath } = plan([{ destination: "/data", source: "/srv/data", options: ["rbind", "ro", "nosuid"] }]);
  expect(before.map(({ op }) => op)).toEqual(["openTree", "mountAttributes"]);
  expect(before[1]?.args).toMatchObject({ path: "", set: ["readOnly", "noSuid"] });
  expect(beneath.map(({ op }) => op)).toEqual(["mkdir", "moveMount"]);
});

test("mountSteps() leaves the host's attributes alone when none is asked", () => {
  expect(
    plan([{ destination: "/data", source: "/srv", options: ["rbind", "rprivate"] }]).before.map(({ op }) => op),
  ).toEqual(["openTree"]);
});

test("mountSteps() makes a whole tree read-only only for rro", () => {
  const attributes = (options: readonly string[]): unknown[] =>
    plan([{ destination: "/data", source: "/srv", options }])
      .before.slice(1)
      .map(({ args }) => ({ ...args, at: undefined }));
  expect(attributes(["rbind", "ro"])).toEqual([{ path: "", set: ["readOnly"] }]);
  expect(attributes(["rbind", "rro"])).toEqual([{ path: "", set: ["readOnly"], flags: ["recursive"] }]);
  expect(attributes(["bind", "rro"])).toEqual([{ path: "", set: ["readOnly"] }]);
  expect(attributes(["rbind", "rro", "noexec", "rslave"])).toEqual([
    { path: "", set: ["noExec"] },
    { path: "", set: ["readOnly"], propagation: ["slave"], flags: ["recursive"] },
  ]);
});

test("mountSteps() makes a file to mount a file on", () => {
  const { beneath } = plan([{ destination: "/etc/hosts", source: "/run/hosts", options: ["bind"] }], {
    sourceKind: () => "file",
  });
  expect(beneath).toMatchObject([
    { op: "mkdir", args: { at: root, path: "etc" }, ok: ["EEXIST"] },
    { op: "mknod", args: { at: root, path: "etc/hosts", mode: 0o100644 }, ok: ["EEXIST"] },
    { op: "moveMount", args: { at: root, path: "etc/hosts" } },
  ]);
});

test("mountSteps() makes each directory once", () => {
  const binds = ["/a/b/c", "/a/b/d", "/a/e"].map(
    (destination): MountSpec => ({ destination, source: "/srv", options: ["bind"] }),
  );
  expect(whys(plan(binds).beneath).filter((why) => why.startsWith("make"))).toEqual([
    "make /a",
    "make /a/b",
    "make /a/b/c",
    "make /a/b/d",
    "make /a/e",
  ]);
});

test("mountSteps() makes a directory again after a mount has covered it", () => {
  const mounts: MountSpec[] = ["/a/b", "/a", "/a/b"].map((destination) => ({
    destination,
    source: "/srv",
    options: ["bind"],
  }));
  expect(whys(plan(mounts).beneath).filter((why) => why === "make /a/b")).toHaveLength(2);
});

test("mountSteps() resolves beneath a new file system from that, and beneath a bind from the root", () => {
  const { beneath, fileSystems } = plan([
    { destination: "/dev", type: "tmpfs" },
    { destination: "/dev/pts", type: "devpts" },
    { destination: "/data", source: "/srv", options: ["bind"] },
    { destination: "/data/x", source: "/srv", options: ["bind"] },
  ]);
  const moves = beneath.flatMap(({ op, args }) =>
    op === "moveMount" && "path" in args && "at" in args ? [[args.at, args.path]] : [],
  );
  expect(moves.slice(1)).toEqual([
    [fileSystems.get("/dev"), "pts"],
    [root, "data"],
    [root, "data/x"],
  ]);
});

test("mountSteps() holds /proc, /sys, /dev as real directories before mounting there", () => {
  for (const [destination, type] of [
    ["/proc", "proc"],
    ["/sys", "sysfs"],
    ["/dev", "tmpfs"],
    ["/mnt/p", "proc"],
  ] as const) {
    const { beneath } = plan([{ destination, type }]);
    const open = beneath.findLast(({ op }) => op === "open");
    expect(open?.args, destination).toMatchObject({ flags: ["pathOnly", "directory", "noFollow"] });
    expect(open?.ok).toBeUndefined();
    expect(beneath.at(-1)?.args).toMatchObject({ path: ".", at: open?.op === "open" ? open.args.out : undefined });
  }
});

test("mountSteps() opens every part of a path that must be real, not only the last", () => {
  const opened = plan([{ destination: "/mnt/p", type: "proc" }]).beneath.flatMap(({ op, args }) =>
    op === "open" && "path" in args ? [args.path] : [],
  );
  expect(opened).toEqual(["mnt", "p"]);
});

test("mountSteps() mounts proc and sys after everything else, so that no link leads a volume into them", () => {
  const order = whys(plan([...podmanMounts]).beneath).filter((why) => /^(mount|bind) /.test(why));
  expect(order.slice(-3)).toEqual(["mount proc on /proc", "mount sysfs on /sys", "mount cgroup2 on /sys/fs/cgroup"]);
  expect(order[0]).toBe("mount tmpfs on /dev");
});

test("mountSteps() turns a tmpfs read-only only when everything is in it", () => {
  const { beneath, seal } = plan([
    { destination: "/dev", type: "tmpfs", options: ["ro", "nosuid"] },
    { destination: "/sys", type: "sysfs", options: ["ro"] },
  ]);
  const made = beneath.filter(({ op }) => op === "newFileSystem").map(({ args }) => args);
  expect(made).toMatchObject([
    { type: "tmpfs", attributes: ["noSuid"], options: [] },
    { type: "sysfs", attributes: ["readOnly"], options: ["ro"] },
  ]);
  expect(whys(seal)).toEqual(["make /dev read-only"]);
});

test("mountSteps() labels what can carry a label", () => {
  const label = "system_u:object_r:container_file_t:s0:c1,c2";
  const mounts: MountSpec[] = ["tmpfs", "devpts", "proc", "sysfs", "mqueue"].map((type) => ({
    destination: type === "proc" ? "/proc" : `/m/${type}`,
    type,
  }));
  const { beneath } = plan(mounts, { mountLabel: label });
  const labelled = beneath.flatMap(({ op, args }) =>
    op === "newFileSystem" && "options" in args && args.options.includes(`context=${label}`) ? [args.type] : [],
  );
  expect(labelled).toEqual(["tmpfs", "devpts"]);
  expect(beneath.find(({ op }) => op === "xattr")?.args).toMatchObject({
    name: "security.selinux",
    value: new TextEncoder().encode(`${label}\0`),
  });
});

test("mountSteps() gives the source of a new file system to the mount table", () => {
  expect(plan([{ destination: "/x", type: "tmpfs", source: "shm" }]).beneath[0]?.args).toMatchObject({
    options: ["source=shm"],
  });
});

test("mountSteps() tells whether /dev is the user's own", () => {
  expect(plan(podmanMounts).boundDev).toBe(false);
  expect(plan([{ destination: "/dev", source: "/dev", options: ["rbind"] }]).boundDev).toBe(true);
  expect(plan([]).boundDev).toBe(false);
});

test("mountSteps() leaves private what is private already", () => {
  const bind = { destination: "/data", source: "/srv", options: ["bind", "rprivate"] };
  expect(plan([bind]).before).toHaveLength(1);
  expect(plan([bind], { rootfsPropagation: "rslave" }).before[1]?.args).toMatchObject({ propagation: ["private"] });
});

describe("mountSteps() shows control groups", () => {
  const mount: MountSpec = {
    destination: "/sys/fs/cgroup",
    type: "cgroup",
    options: ["nosuid", "noexec", "nodev", "ro"],
  };
  const hierarchies = [
    { name: "pids", hostPath: "/sys/fs/cgroup/pids/galley/1", options: ["pids"] },
    { name: "cpu,cpuacct", hostPath: "/sys/fs/cgroup/cpu,cpuacct/galley/1", options: ["cpu", "cpuacct"] },
  ];
  const links = [{ name: "cpu", target: "cpu,cpuacct" }];

  test("of version 1 as binds of the container's own groups", () => {
    const { before, beneath } = plan([{ destination: "/sys", type: "sysfs" }, mount], {
      cgroups: { version: 1, hierarchies, links },
    });
    expect(whys(before)).toEqual([
      "take /sys/fs/cgroup/pids/galley/1",
      "restrict /sys/fs/cgroup/pids",
      "take /sys/fs/cgroup/cpu,cpuacct/galley/1",
      "restrict /sys/fs/cgroup/cpu,cpuacct",
    ]);
    expect(before[1]?.args).toMatchObject({ set: ["noSuid", "noDev", "noExec", "readOnly"] });
    expect(whys(beneath).slice(-3)).toEqual([
      "mount control groups cpu,cpuacct",
      "link cpu to cpu,cpuacct",
      "make /sys/fs/cgroup read-only",
    ]);
  });

  test("of version 1 in a cgroup namespace as new mounts", () => {
    const inside = hierarchies.map(({ name, options }) => ({ name, options }));
    const { before, beneath } = plan([mount], { cgroups: { version: 1, hierarchies: inside, links } });
    expect(before).toEqual([]);
    const made = beneath.flatMap(({ op, args }) =>
      op === "newFileSystem" && "type" in args ? [[args.type, args.options]] : [],
    );
    expect(made).toEqual([
      ["tmpfs", ["source=tmpfs", "mode=755"]],
      ["cgroup", ["source=cgroup", "ro", "pids"]],
      ["cgroup", ["source=cgroup", "ro", "cpu", "cpuacct"]],
    ]);
  });

  test("of version 2 as one file system", () => {
    const { beneath } = plan([{ destination: "/sys", type: "sysfs" }, mount]);
    expect(beneath.filter(({ op }) => op === "newFileSystem").at(-1)?.args).toMatchObject({
      type: "cgroup2",
      attributes: ["noSuid", "noExec", "noDev", "readOnly"],
    });
  });

  test("only when told which", () => {
    expect(() => mountSteps([mount], { root })).toThrow(expect.objectContaining({ code: "mounts.cgroup-view" }));
  });
});

describe("mountSteps() refuses", () => {
  const refused: readonly [string, MountSpec, string][] = [
    ["a mount over the root", { destination: "/x/..", type: "tmpfs" }, "mounts.root"],
    ["a bind of a relative path", { destination: "/x", source: "data", options: ["bind"] }, "mounts.source"],
    ["a bind of nothing", { destination: "/x", type: "bind" }, "mounts.source"],
    [
      "an option of a file system for a bind",
      { destination: "/x", source: "/y", options: ["bind", "size=1m"] },
      "mounts.option",
    ],
    [
      "an option with no meaning for a bind",
      { destination: "/x", source: "/y", options: ["bind", "Z"] },
      "mounts.option",
    ],
    ["sync for a bind", { destination: "/x", source: "/y", options: ["bind", "sync"] }, "mounts.option"],
    [
      "an id map",
      { destination: "/x", source: "/y", options: ["bind"], uidMappings: [{ containerID: 0, hostID: 1, size: 1 }] },
      "mounts.id-map",
    ],
    ["a remount", { destination: "/x", type: "tmpfs", options: ["remount", "ro"] }, "mounts.remount"],
    ["no type", { destination: "/x", source: "/y" }, "mounts.type"],
    ["a type that is none", { destination: "/x", type: "../ext4" }, "mounts.type"],
    ["a zero byte", { destination: "/x\0", type: "tmpfs" }, "mounts.path"],
    ["a tmpfs on /proc", { destination: "/x/../proc/", type: "tmpfs" }, "mounts.proc"],
    ["a volume inside /proc", { destination: "/proc/sys/net", source: "/y", options: ["bind"] }, "mounts.inside-proc"],
  ];
  test.each(refused)("%s", (_, mount, code) => {
    expect(() => plan([mount])).toThrow(expect.objectContaining({ code }));
  });

  test("more mounts than anyone needs", () => {
    expect(() => plan(Array.from({ length: 5000 }, () => ({ destination: "/x", type: "tmpfs" })))).toThrow(
      expect.objectContaining({ code: "mounts.many" }),
    );
  });
});
