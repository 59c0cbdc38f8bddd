import { expect, test } from "vitest";
import { explain, explainData } from "./explain.ts";
import { lane, mark, type Plan, type Step, slot, stepper } from "./step.ts";

const step = stepper("demo");
const planOf = (...steps: Step[]): Plan => ({ title: "test", lane: lane("host", steps) });
const env = ["PATH=/bin", "TOKEN=hunter2", "EMPTY=", "ODD"];
const run = step(
  "exec",
  { candidates: ["/bin/sh"], argv: ["sh", "-c", "echo hi"], env, descriptors: [{ slot: slot("out"), number: 1 }] },
  "run it",
);

test("explain() prints lanes with numbered steps, contributors, verbs, operations and arguments", () => {
  const root = slot("root");
  const go = mark("go");
  const init = lane("init", [stepper("capabilities")("boundingSet", { mask: 0x1ffn }, "drop what is not wanted"), run]);
  const plan = planOf(
    step("open", { path: "/srv", flags: ["directory", "pathOnly"], out: root }, "open the root"),
    step("mkdir", { at: root, path: "dev", mode: 0o755 }, "make /dev", { ok: ["EEXIST", "EROFS"] }),
    step("clone", { lane: init, namespaces: ["mount", "pid"] }, "start the first process"),
    step("tell", { mark: go, slot: root }, "say go"),
  );
  expect(explain(plan)).toBe(
    [
      "lane host",
      "   1 demo          open the root  [open path=/srv flags=directory,pathOnly out=$root]",
      "   2 demo          make /dev  [mkdir at=$root path=dev mode=0755]  (EEXIST, EROFS is fine)",
      "   3 demo          start the first process  [clone lane=init namespaces=mount,pid]",
      "   4 demo          say go  [tell mark=go slot=$root]",
      "",
      "lane init",
      "   1 capabilities  drop what is not wanted  [boundingSet mask=0x1ff]",
      '   2 demo          run it  [exec candidates=/bin/sh argv=sh,-c,"echo hi" env=PATH,TOKEN,EMPTY,ODD descriptors=1=$out]',
    ].join("\n"),
  );
});

test("explain() says an empty plan is a lane without steps", () => {
  expect(explain(planOf())).toBe("lane host");
});

test("explain() hides values of the environment unless asked", () => {
  expect(explain(planOf(run))).not.toContain("hunter2");
  expect(JSON.stringify(explainData(planOf(run)))).not.toContain("hunter2");
  expect(explain(planOf(run), { showValues: true })).toContain("env=PATH=/bin,TOKEN=hunter2,EMPTY=,ODD");
  expect(explainData(planOf(run), { showValues: true })[0]?.steps[0]?.args["env"]).toEqual(env);
});

test("explain() hides the contents of files and the values of extended attributes unless asked, but shows what is written to the kernel", () => {
  const file = slot("file");
  const bytes = Buffer.from("s3cret");
  const plan = planOf(
    step("data", { file, bytes }, "fill it"),
    step("xattr", { at: file, path: "", name: "user.a", value: bytes }, "mark it"),
    step("write", { path: "/proc/self/oom_score_adj", bytes: Buffer.from("500\n"), flags: ["proc"] }, "adjust"),
    step("write", { path: "/a", bytes: Buffer.alloc(65, "a") }, "long"),
    step("write", { path: "/a", bytes: Uint8Array.of(0, 255) }, "binary"),
  );
  const text = explain(plan);
  expect(text).not.toContain("s3cret");
  expect(text).toContain("bytes=<6 bytes>");
  expect(text).toContain('bytes="500\\n"');
  expect(text).toContain("bytes=<65 bytes>");
  expect(text).toContain("bytes=<2 bytes>");
  expect(explain(plan, { showValues: true })).toContain('bytes="s3cret"');
});

test("explain() lets no argument, verb or name act on a terminal or break a line", () => {
  const hostile = "a\u001b[2J\nlane host\u202e\u0085";
  const plan: Plan = {
    title: "t",
    lane: lane(hostile, [
      step("hostname", { name: hostile }, hostile),
      step("exec", { candidates: [hostile], argv: [], env: [hostile], descriptors: [] }, "x"),
    ]),
  };
  const text = explain(plan);
  expect(text.split("\n")).toHaveLength(3);
  expect(text.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  expect(text).toContain("a\\u001b[2J\\u000alane host\\u202e\\u0085");
});

test("explain() cuts long arguments; explainData() does not", () => {
  const plan = planOf(step("symlink", { path: "/a", target: "t".repeat(300) }, "link"));
  expect(explain(plan)).toContain(` target=${"t".repeat(97)}...]`);
  expect(explainData(plan)[0]?.steps[0]?.args["target"]).toHaveLength(300);
});

test("explainData() is plain data: slots, marks and lanes by name, masks and modes as people write them", () => {
  const child = lane("child", []);
  const data = explainData(
    planOf(
      step("clone", { lane: child, namespaces: [], pidfd: slot("pidfd") }, "clone"),
      step("umask", { mask: 0o22 }, "mask"),
      step("resourceLimit", { resource: 7, soft: 1024, hard: (1n << 64n) - 1n }, "limit"),
      step("groups", { gids: [1, 2] }, "groups"),
      step("close", { slot: slot("pidfd") }, "close", { ok: ["EIO"] }),
    ),
  );
  expect(JSON.parse(JSON.stringify(data))).toEqual([
    {
      lane: "host",
      steps: [
        { number: 1, op: "clone", by: "demo", why: "clone", args: { lane: "child", namespaces: [], pidfd: "$pidfd" } },
        { number: 2, op: "umask", by: "demo", why: "mask", args: { mask: "022" } },
        {
          number: 3,
          op: "resourceLimit",
          by: "demo",
          why: "limit",
          args: { resource: 7, soft: 1024, hard: "0xffffffffffffffff" },
        },
        { number: 4, op: "groups", by: "demo", why: "groups", args: { gids: [1, 2] } },
        { number: 5, op: "close", by: "demo", why: "close", args: { slot: "$pidfd" }, ok: ["EIO"] },
      ],
    },
    { lane: "child", steps: [] },
  ]);
});
