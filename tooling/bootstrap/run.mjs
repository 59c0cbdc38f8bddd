// `npm run quickstart` and `npm test` start here, on any Node from 20 on with nothing installed.
// Installs and builds what is not up to date, one line a stage, then hands over to Node 24 from node_modules.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { installStamp, recordInstall } from "./install-stamp.mjs";
import { missingTools } from "./missing-tools.mjs";
import { capture, stage } from "./stage.mjs";

const root = join(import.meta.dirname, "../..");
const bin = join(root, "node_modules/.bin");
const pnpmVersion = "12.21.0";
const [goal = "setup", ...rest] = process.argv.slice(2);

/** Every command below runs with Node 24 first in PATH and with nobody calling home. */
const env = {
  ...process.env,
  PATH: `${bin}:${process.env.PATH}`,
  DO_NOT_TRACK: "1",
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
};

const missing = missingTools();
if (missing.length > 0) {
  console.error(`missing: ${missing.join(", ")} (on Debian: apt-get install build-essential python3)`);
  process.exit(1);
}

stage("install", () => {
  const stamp = installStamp(root);
  if (stamp.current && existsSync(join(bin, "node"))) return "up to date";
  const pnpm = ["--yes", `pnpm@${pnpmVersion}`, "install", "--frozen-lockfile", "--reporter=append-only"];
  capture("npx", pnpm, { cwd: root, env: { ...process.env, CI: "true" } });
  recordInstall(root);
  return `pnpm ${pnpmVersion}`;
});

/** turbo's last lines, as one: how many tasks there were and how many were still good. */
function turbo(...tasks) {
  const args = [
    "run",
    ...tasks,
    "--continue=dependencies-successful",
    "--output-logs=errors-only",
    "--log-order=grouped",
    "--concurrency=100%",
  ];
  const output = capture(join(bin, "turbo"), args, { cwd: root, env });
  const cached = /Cached:\s+(\d+) cached, (\d+) total/.exec(output);
  return cached === null ? "" : `${cached[2]} tasks, ${cached[1]} up to date`;
}

stage("build", () => turbo("build"));

/** Stages whose failure need not keep the tests from running; the run still fails. */
const failed = [];
function stageOrNote(name, work) {
  if (!stage(name, work, { fatal: false })) failed.push(name);
}

function handOver(program, args, extra = {}) {
  const done = spawnSync(program, args, { cwd: root, env: { ...env, ...extra }, stdio: "inherit" });
  process.exit(done.status === 0 && failed.length === 0 ? 0 : done.status || 1);
}

if (goal === "test") {
  stageOrNote("typecheck", () => turbo("typecheck"));
  stageOrNote("lint", () => void capture(join(bin, "biome"), ["check", "--error-on-warnings"], { cwd: root, env }));
  // The reporter repeats these just before its closing line, which must stay the last one.
  handOver(join(bin, "vitest"), ["run", ...rest], { GALLEY_FAILED_STAGES: failed.join(", ") });
}
if (goal === "quickstart")
  handOver(join(bin, "node"), ["--conditions=@galley/source", "tooling/quickstart/quickstart.ts", ...rest]);
