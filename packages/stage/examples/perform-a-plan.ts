import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explain, lane, slot, stepper } from "@galley/plan";
import { perform } from "@galley/stage";

const [step, root, path] = [stepper("demo"), slot("root"), mkdtempSync(join(tmpdir(), "galley-"))];
const steps = [
  step("open", { path, flags: ["directory", "pathOnly"], out: root }, "open a new directory"),
  step("symlink", { at: root, path: "up", target: "../../.." }, "make a link that climbs out"),
  step("mkdir", { at: root, path: "up/made", mode: 0o755 }, "make a directory through it"),
];
const plan = { title: "paths stay beneath their slot", lane: lane("host", steps) };
console.log(explain(plan).replaceAll(path, "/tmp/galley-1"));
if (process.platform === "linux") await perform(plan).ended.catch((error: Error) => console.log(error.message));
console.log(readdirSync(path)); // [ 'made', 'up' ]: the link led to the slot's own root
rmSync(path, { recursive: true });
