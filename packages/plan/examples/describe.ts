import { check, encode, explain, lane, slot, stepper } from "@galley/plan";

const step = stepper("demo"); // every step says which package asked for it
const root = slot("root");
const init = lane("init", [
  step("chroot", { root }, "make the directory the root"),
  step("exec", { candidates: ["/bin/sh"], argv: ["sh"], env: [], descriptors: [] }, "run the shell"),
]);
const host = lane("host", [
  step("open", { path: "/srv/tree", flags: ["directory", "pathOnly"], out: root }, "open the tree"),
  step("clone", { lane: init, namespaces: ["mount", "pid"] }, "start a process in new namespaces"),
  step("executed", { lane: init }, "wait until the shell runs"),
]);
const plan = { title: "a shell in a tree", lane: host };
console.log(explain(plan), check(plan), encode(plan).bytes.length);
