import { mark, slot } from "@galley/plan";
import type { ProcessSpec, SeccompSpec } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { type ProcessLaunch, processSteps } from "./process-steps.ts";
import { processSpec } from "./testing/launches.ts";

const seccomp: SeccompSpec = {
  defaultAction: "SCMP_ACT_ALLOW",
  flags: ["SECCOMP_FILTER_FLAG_LOG"],
  syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_ERRNO", errnoRet: 1 }],
};

function stepsOf(process: Partial<ProcessSpec> = {}, changes: Partial<ProcessLaunch> = {}) {
  const committed = mark("committed");
  const descriptors = [0, 1, 2].map((number) => ({ slot: slot(`fd ${number}`), number }));
  const steps = processSteps({
    process: processSpec(process),
    architecture: "amd64",
    keyring: "k",
    descriptors,
    committed,
    ...changes,
  });
  return { steps, ops: steps.map(({ op }) => op), committed, descriptors };
}

describe("processSteps()", () => {
  test("processSteps() loads the filter right after the bounding set when new privileges are allowed", () => {
    const { ops } = stepsOf({}, { seccomp });
    expect(ops.indexOf("seccomp")).toBe(ops.indexOf("boundingSet") + 1);
    expect(ops.slice(ops.indexOf("seccomp") + 1)).toEqual(["groups", "ids", "capabilities", "ambientSet", "exec"]);
    expect(ops).not.toContain("noNewPrivileges");
  });

  test("processSteps() loads the filter last when new privileges are forbidden", () => {
    const { ops } = stepsOf({ noNewPrivileges: true }, { seccomp });
    expect(ops.slice(-4)).toEqual(["ambientSet", "noNewPrivileges", "seccomp", "exec"]);
    expect(ops.filter((op) => op === "seccomp")).toHaveLength(1);
  });

  test("processSteps() forbids new privileges without a filter, too", () => {
    expect(stepsOf({ noNewPrivileges: true }).ops.slice(-2)).toEqual(["noNewPrivileges", "exec"]);
    expect(stepsOf().ops).not.toContain("seccomp");
  });

  test("processSteps() compiles the filter and passes its flags", () => {
    const step = stepsOf({}, { seccomp }).steps.find(({ op }) => op === "seccomp");
    expect(step?.op === "seccomp" && step.args.flags).toEqual(["log"]);
    expect(step?.op === "seccomp" && step.args.program.length % 8).toBe(0);
  });

  test("processSteps() survives the caller only after the host lane, and before the ids take the right to say so", () => {
    const { ops, steps, committed } = stepsOf({}, { seccomp });
    const wait = ops.indexOf("await");
    const step = steps[wait];
    expect(step?.op === "await" && step.args.mark).toBe(committed);
    expect(ops[wait + 1]).toBe("outlive");
    expect(ops.indexOf("boundingSet")).toBe(wait + 2);
  });

  test("processSteps() says that the container is created when nothing but privileges and the program are left", () => {
    const created = mark("created");
    const process = { rlimits: [{ type: "RLIMIT_CORE", soft: 0, hard: 0 }], oomScoreAdj: 5, selinuxLabel: "a:b:c:s0" };
    const { ops } = stepsOf(process, { created });
    expect(ops.slice(0, 9)).toEqual([
      "write",
      "label",
      "label",
      "sessionKeyring",
      "umask",
      "chdir",
      "resourceLimit",
      "tell",
      "await",
    ]);
  });

  test("processSteps() lowers limits once it needs no descriptor and no file any more", () => {
    const { ops } = stepsOf({ rlimits: [{ type: "RLIMIT_NOFILE", soft: 3, hard: 3 }] });
    expect(ops.slice(ops.indexOf("resourceLimit"))).toEqual([
      "resourceLimit",
      "await",
      "outlive",
      "boundingSet",
      "groups",
      "ids",
      "capabilities",
      "ambientSet",
      "exec",
    ]);
  });

  test("processSteps() labels new key rings before it makes one", () => {
    const { steps, ops } = stepsOf({ selinuxLabel: "a:b:c:s0" });
    expect(steps.slice(0, 3).map(({ args }) => args)).toEqual([
      { attribute: ["key"], label: "a:b:c:s0" },
      { attribute: ["exec"], label: "a:b:c:s0" },
      { name: "k" },
    ]);
    expect(ops.indexOf("sessionKeyring")).toBe(2);
    expect(stepsOf({ selinuxLabel: "" }).ops).not.toContain("label");
  });

  test("processSteps() sets the umask, 022 when none is asked for", () => {
    const mask = (umask?: number) => {
      const { steps } = stepsOf({ user: { uid: 0, gid: 0, ...(umask === undefined ? {} : { umask }) } });
      return steps.flatMap((step) => (step.op === "umask" ? [step.args.mask] : []));
    };
    expect([mask(), mask(0), mask(0o077)]).toEqual([[0o022], [0], [0o077]]);
  });

  test("processSteps() becomes the user with exactly the groups named, none when none are", () => {
    const { steps, ops } = stepsOf({ user: { uid: 1000, gid: 1001, additionalGids: [5, 6] } });
    expect(steps.find(({ op }) => op === "ids")?.args).toEqual({ uid: 1000, gid: 1001 });
    expect(steps.find(({ op }) => op === "groups")?.args).toEqual({ gids: [5, 6] });
    expect(ops.indexOf("keepCapabilities")).toBeLessThan(ops.indexOf("ids"));
    expect(stepsOf().steps.find(({ op }) => op === "groups")?.args).toEqual({ gids: [] });
  });

  test("processSteps() takes a capability set that is left out as empty", () => {
    const { steps } = stepsOf({ capabilities: { bounding: ["CAP_CHOWN"] } });
    expect(steps.find(({ op }) => op === "boundingSet")?.args).toEqual({ mask: 1n });
    expect(steps.find(({ op }) => op === "capabilities")?.args).toEqual({
      effective: 0n,
      permitted: 0n,
      inheritable: 0n,
    });
    expect(steps.find(({ op }) => op === "ambientSet")?.args).toEqual({ mask: 0n });
  });

  test("processSteps() leaves out ambient capabilities that the kernel would refuse", () => {
    const names = ["CAP_CHOWN", "CAP_KILL"];
    const ambient = (changes: object) =>
      stepsOf({ capabilities: { ambient: names, ...changes } }).steps.find(({ op }) => op === "ambientSet")?.args;
    expect(ambient({ permitted: names })).toEqual({ mask: 0n });
    expect(ambient({ permitted: names, inheritable: ["CAP_KILL"] })).toEqual({ mask: 0x20n });
  });

  test("processSteps() writes the out-of-memory score, also 0 and below", () => {
    for (const oomScoreAdj of [-1000, 0, 500]) {
      const [step] = stepsOf({ oomScoreAdj }).steps;
      expect(step).toMatchObject({ op: "write", args: { path: "/proc/self/oom_score_adj", flags: ["proc"] } });
      expect(step?.op === "write" && new TextDecoder().decode(step.args.bytes)).toBe(String(oomScoreAdj));
    }
    expect(stepsOf().ops).not.toContain("write");
  });

  test("processSteps() passes arguments and environment unchanged", () => {
    const { steps, descriptors } = stepsOf({ args: ["prog", "", "a b"], env: ["PATH=/x", "Ä=ö", "NOVALUE"] });
    expect(steps.at(-1)?.args).toEqual({
      candidates: ["/x/prog"],
      argv: ["prog", "", "a b"],
      env: ["PATH=/x", "Ä=ö", "NOVALUE"],
      descriptors,
    });
  });

  test.each([[undefined], [[]], [[""]]])("processSteps() refuses the arguments %j", (args) => {
    const process: ProcessSpec = { cwd: "/", user: { uid: 0, gid: 0 }, ...(args ? { args } : {}) };
    expect(() => stepsOf({}, { process })).toThrow(
      expect.objectContaining({ kind: "invalid", code: "runtime.no-command" }),
    );
  });

  test("processSteps() refuses a capability that does not exist and a filter that makes no sense", () => {
    expect(() => stepsOf({ capabilities: { bounding: ["CAP_FLY"] } })).toThrow(
      expect.objectContaining({ code: "capabilities.unknown" }),
    );
    const flags = ["SECCOMP_FILTER_FLAG_MOON"];
    expect(() => stepsOf({}, { seccomp: { ...seccomp, flags } })).toThrow(
      expect.objectContaining({ code: "seccomp.flag" }),
    );
  });
});
