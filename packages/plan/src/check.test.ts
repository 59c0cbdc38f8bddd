import { describe, expect, test } from "vitest";
import { check } from "./check.ts";
import { limits } from "./limits.ts";
import { rules } from "./rules.ts";
import { type Lane, lane, mark, type Plan, type Step, slot, stepper } from "./step.ts";

const step = stepper("test");
const planOf = (...steps: Step[]): Plan => ({ title: "test", lane: lane("host", steps) });
const cloning = (child: Lane, namespaces: readonly ("mount" | "pid" | "user")[] = []): Step =>
  step("clone", { lane: child, namespaces }, "x");
const inChild = (namespaces: readonly ("mount" | "pid" | "user")[], ...steps: Step[]): Plan =>
  planOf(cloning(lane("init", steps), namespaces));

const [a, b] = [slot("a"), slot("b")];
const go = mark("go");
const openA = step("open", { path: "/a", flags: ["read"], out: a }, "x");
const ids = step("ids", { uid: 1, gid: 1 }, "x");
const groups = step("groups", { gids: [] }, "x");
const bounding = step("boundingSet", { mask: 0 }, "x");
const capabilities = step("capabilities", { effective: 0, permitted: 0, inheritable: 0 }, "x");
const keep = step("keepCapabilities", {}, "x");
const ambient = step("ambientSet", { mask: 0 }, "x");
const label = step("label", { attribute: ["exec"], label: "l" }, "x");
const unshare = (name: "mount" | "cgroup" | "user"): Step => step("unshare", { namespaces: [name] }, "x");
const pivot = step("pivot", { root: a }, "x");
const seccomp = step("seccomp", { program: new Uint8Array(8) }, "x");
const privileges = step("noNewPrivileges", {}, "x");
const run = step("exec", { candidates: ["/a"], argv: ["a"], env: [], descriptors: [] }, "x");
const await_ = step("await", { mark: go }, "x");
const tell = step("tell", { mark: go }, "x");
const receive = step("receive", {}, "x");
const mkdir = step("mkdir", { path: "/a", mode: 0 }, "x");
const attributes = (set: readonly ("owner" | "mode" | "times")[], values: object): Step =>
  step("attributes", { at: a, path: "b", set, ...values }, "x");
const map = step("write", { path: "/proc/self/uid_map", bytes: Buffer.from("0 0 1") }, "x");
const give = (...numbers: number[]): Step =>
  step(
    "exec",
    { candidates: ["/a"], argv: ["a"], env: [], descriptors: numbers.map((number) => ({ slot: a, number })) },
    "x",
  );
const overlay = (option: string): Step => step("newFileSystem", { type: "overlay", options: [option], out: a }, "x");

interface Case {
  readonly rule: string;
  readonly kept: readonly Plan[];
  readonly broken: readonly (readonly [plan: Plan, lane: string, step: number, message: string])[];
}

const cases: readonly Case[] = [
  {
    rule: "slots are filled before use",
    kept: [
      planOf(openA, step("close", { slot: a }, "x")),
      planOf(openA, cloning(lane("init", [step("close", { slot: a }, "x")])), step("close", { slot: a }, "x")),
      planOf(openA, step("close", { slot: a }, "x"), openA, step("close", { slot: a }, "x")),
      planOf(openA, give(0)),
    ],
    broken: [
      [planOf(step("close", { slot: a }, "x"), openA), "host", 1, "close: slot a is not filled"],
      [
        planOf(openA, step("close", { slot: a }, "x"), step("chroot", { root: a }, "x")),
        "host",
        3,
        "chroot: slot a is not filled",
      ],
      [
        planOf(cloning(lane("init", [openA])), step("close", { slot: a }, "x")),
        "host",
        2,
        "close: slot a is not filled",
      ],
      [
        planOf(cloning(lane("init", [step("close", { slot: a }, "x")])), openA),
        "init",
        1,
        "close: slot a is not filled",
      ],
      [
        planOf(
          openA,
          step("exec", { candidates: ["/a"], argv: [], env: [], descriptors: [{ slot: b, number: 1 }] }, "x"),
        ),
        "host",
        2,
        "exec: slot b is not filled",
      ],
      [
        planOf(step("clone", { lane: lane("init", []), namespaces: [], cgroup: a }, "x")),
        "host",
        1,
        "clone: slot a is not filled",
      ],
    ],
  },
  {
    rule: "marks are paired",
    kept: [planOf(tell), planOf(await_), planOf(cloning(lane("init", [await_])), tell)],
    broken: [
      [planOf(tell, tell), "host", 2, "mark go has that end already"],
      [planOf(tell, await_), "host", 2, "mark go has that end already"],
      [
        planOf(cloning(lane("init", [tell])), cloning(lane("second", [tell]))),
        "second",
        1,
        "mark go has that end already",
      ],
    ],
  },
  {
    rule: "a lane is cloned before it is waited for",
    kept: [
      planOf(
        ...((child) => [
          cloning(child),
          step("executed", { lane: child }, "x"),
          step("finished", { lane: child }, "x"),
        ])(lane("init", [])),
      ),
    ],
    broken: [
      [
        planOf(...((child) => [step("finished", { lane: child }, "x"), cloning(child)])(lane("init", []))),
        "host",
        1,
        "finished: lane init is not a child yet",
      ],
      [
        planOf(
          ...((grandchild) => [
            cloning(lane("init", [cloning(grandchild)])),
            step("executed", { lane: grandchild }, "x"),
          ])(lane("deep", [])),
        ),
        "host",
        2,
        "executed: lane deep is not a child yet",
      ],
    ],
  },
  ordered(
    "groups before ids",
    groups,
    ids,
    "ids: the ids are set before the groups, which then fail with EPERM (setgroups(2))",
  ),
  ordered(
    "bounding set before ids",
    bounding,
    ids,
    "ids: dropping from the bounding set needs CAP_SETPCAP, which the ids may take away",
  ),
  ordered("ids before capabilities", ids, capabilities, "capabilities: the ids must be set while CAP_SETUID is there"),
  ordered(
    "keep capabilities before ids",
    keep,
    ids,
    "ids: capabilities are lost when the ids change (PR_SET_KEEPCAPS(2const))",
  ),
  ordered(
    "ambient after capabilities",
    capabilities,
    ambient,
    "ambientSet: ambient capabilities must be permitted and inheritable already",
  ),
  ordered(
    "label after the last namespace join",
    unshare("mount"),
    label,
    "label: the label must be written after the last join",
  ),
  {
    rule: "pivot after the mounts",
    kept: [inChild(["mount"], overlay("a=b"), pivot)],
    broken: [
      [inChild(["mount"], openA, pivot, overlay("a=b")), "init", 2, "pivot: host paths are gone after pivot_root(2)"],
    ],
  },
  {
    rule: "cgroup namespace after joining the cgroup",
    kept: [planOf(step("write", { path: "/c/cgroup.procs", bytes: Buffer.from("0") }, "x"), unshare("cgroup"))],
    broken: [
      [
        planOf(unshare("cgroup"), step("write", { path: "/c/cgroup.procs", bytes: Buffer.from("0") }, "x")),
        "host",
        1,
        "unshare: the cgroup namespace takes the current cgroup as its root",
      ],
    ],
  },
  {
    rule: "seccomp is last before exec",
    kept: [planOf(privileges, seccomp, run), planOf(seccomp, ids, capabilities, run), planOf(run)],
    broken: [
      [planOf(privileges, seccomp, ids, run), "host", 3, "ids comes after the filter, which may forbid it"],
      [planOf(seccomp, mkdir, run), "host", 2, "mkdir comes after the filter, which may forbid it"],
    ],
  },
  {
    rule: "nothing follows exec",
    kept: [planOf(mkdir, run), planOf(receive, run)],
    broken: [
      [planOf(run, mkdir), "host", 2, "a step after exec is never reached"],
      [planOf(receive, run, mkdir), "host", 3, "a step after exec is never reached"],
    ],
  },
  {
    rule: "pivot only in an own mount namespace",
    kept: [inChild(["mount"], openA, pivot), planOf(openA, unshare("mount"), pivot)],
    broken: [
      [planOf(openA, pivot), "host", 2, "pivot without a mount namespace of its own"],
      [inChild(["pid"], openA, pivot), "init", 2, "pivot without a mount namespace of its own"],
      [planOf(openA, pivot, unshare("mount")), "host", 2, "pivot without a mount namespace of its own"],
    ],
  },
  {
    rule: "ids after the maps",
    kept: [
      inChild(["user"], await_, groups, ids),
      inChild(["user"], map, ids),
      planOf(ids),
      inChild(["pid"], ids),
      planOf(ids, unshare("user"), map, ids),
    ],
    broken: [
      [inChild(["user"], ids), "init", 1, "ids: no id maps were written or waited for in the new user namespace"],
      [
        inChild(["user"], groups, await_),
        "init",
        1,
        "groups: no id maps were written or waited for in the new user namespace",
      ],
      [
        planOf(map, unshare("user"), ids),
        "host",
        3,
        "ids: no id maps were written or waited for in the new user namespace",
      ],
    ],
  },
  {
    rule: "one lane reads the control stream",
    kept: [planOf(await_, receive), planOf(receive, cloning(lane("init", [await_])), tell)],
    broken: [
      [
        planOf(cloning(lane("init", [await_])), receive),
        "init",
        1,
        "lane host reads what TypeScript tells and streams already",
      ],
      [
        planOf(step("await", { mark: mark("other") }, "x"), cloning(lane("init", [mkdir, await_]))),
        "init",
        2,
        "lane host reads what TypeScript tells and streams already",
      ],
    ],
  },
  {
    rule: "a descriptor number is given once",
    kept: [planOf(openA, give(0, 1, 2))],
    broken: [[planOf(openA, give(0, 1, 0)), "host", 2, "exec: descriptor 0 is given twice"]],
  },
  {
    rule: "attributes have values for what they set",
    kept: [
      planOf(openA, attributes(["owner", "mode", "times"], { uid: 0, gid: 0, mode: 0, seconds: 0 })),
      planOf(openA, attributes([], {})),
    ],
    broken: [
      [planOf(openA, attributes(["owner"], { uid: 5 })), "host", 2, "attributes: sets owner without a value for it"],
      [planOf(openA, attributes(["mode"], {})), "host", 2, "attributes: sets mode without a value for it"],
      [
        planOf(openA, attributes(["times"], { nanoseconds: 1 })),
        "host",
        2,
        "attributes: sets times without a value for it",
      ],
    ],
  },
  {
    rule: "mount options fit",
    kept: [planOf(overlay(`lowerdir=${"a".repeat(255)}`)), planOf(overlay("userxattr"))],
    broken: [
      [
        planOf(overlay(`lowerdir=${"a".repeat(256)}`)),
        "host",
        1,
        `newFileSystem: an option has more than 255 bytes: lowerdir=${"a".repeat(31)}...`,
      ],
      [
        planOf(overlay(`lowerdir=${"ä".repeat(128)}`)),
        "host",
        1,
        `newFileSystem: an option has more than 255 bytes: lowerdir=${"ä".repeat(31)}...`,
      ],
    ],
  },
];

function ordered(rule: string, early: Step, late: Step, message: string): Case {
  return {
    rule,
    kept: [planOf(early, late), planOf(early), planOf(late), planOf(late, cloning(lane("init", [early])))],
    broken: [
      [planOf(late, early), "host", 1, message],
      [planOf(early, late, early), "host", 2, message],
    ],
  };
}

describe("check()", () => {
  test("check() has cases here for every rule", () => {
    expect(cases.map(({ rule }) => rule).toSorted()).toEqual(rules.map(({ name }) => name).toSorted());
  });

  for (const { rule, kept, broken } of cases) {
    test(`check() knows the rule: ${rule}`, () => {
      for (const plan of kept) expect(check(plan).filter((finding) => finding.rule === rule)).toEqual([]);
      for (const [plan, laneName, at, message] of broken) {
        expect(check(plan)).toContainEqual({ rule, lane: laneName, step: at, message });
      }
    });
  }

  test("check() finds nothing wrong with a whole container's plan", () => {
    const root = slot("root");
    const init = lane("init", [
      step("mountAttributes", { path: "/", propagation: ["private"], flags: ["recursive"] }, "x"),
      step("openTree", { path: "/srv", flags: [], out: root }, "x"),
      step("moveMount", { mount: root, path: "/mnt" }, "x"),
      step("pivot", { root }, "x"),
      bounding,
      groups,
      keep,
      ids,
      capabilities,
      ambient,
      label,
      privileges,
      await_,
      seccomp,
      run,
    ]);
    expect(check(planOf(cloning(init, ["mount", "pid"]), tell, step("executed", { lane: init }, "x")))).toEqual([]);
  });

  test("check() tells every broken rule, in every lane", () => {
    const plan = planOf(ids, groups, cloning(lane("init", [run, mkdir])), run, mkdir);
    expect(check(plan).map((finding) => `${finding.rule}: ${finding.lane} ${finding.step}`)).toEqual([
      "groups before ids: host 1",
      "nothing follows exec: host 5",
      "nothing follows exec: init 2",
    ]);
  });

  test("check() counts the lanes", () => {
    const clones = (count: number): Step[] =>
      Array.from({ length: count }, (_, index) => cloning(lane(`l${index}`, [])));
    expect(check(planOf(...clones(limits.lanes - 1)))).toEqual([]);
    expect(check(planOf(...clones(limits.lanes)))).toEqual([
      { rule: "limits", lane: "host", step: 0, message: "17 lanes, over 16" },
    ]);
  });
});
