import { mkdtempSync, rmSync } from "node:fs";
import { explainRun, openEngine } from "@galley/engine";
import { keeperPath } from "@galley/keeper";
import { explain } from "@galley/plan";
import { perform } from "@galley/stage";

const root = mkdtempSync("/tmp/galley-example-");
using engine = openEngine({ root, runroot: `${root}/run` }, { perform, keeperPath });
const { plan, notes } = await explainRun(engine, {
  image: "docker.io/library/alpine",
  process: { command: ["sh"] },
  resources: { memoryBytes: 64 * 2 ** 20 },
  security: { dropCapabilities: ["ALL"] },
});
console.log(notes.join("\n"));
console.log(explain(plan));
rmSync(root, { recursive: true });
