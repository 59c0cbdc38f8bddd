/**
 * `node src/startup.ts [ROUNDS]`, after a build: times short commands of the command line against `node -e 0` of the same Node.
 * Prints a table of medians and of what each costs above the bare one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Subject, takeTurns } from "./take-turns.ts";

const rounds = Number(process.argv[2] ?? 31);
const galley = fileURLToPath(new URL("../../../apps/cli/bin/galley.js", import.meta.url));
const state = mkdtempSync(join(tmpdir(), "galley-bench-"));
const places = ["--root", join(state, "root"), "--runroot", join(state, "run")];

function command(name: string, args: readonly string[]): Subject {
  return {
    name,
    run: () => {
      const { status } = spawnSync(process.execPath, args, { stdio: "ignore" });
      if (status !== 0) throw new Error(`${name} ended with ${status}`);
    },
  };
}

const bare = command("node -e 0", ["-e", "0"]);
const commands = ["--version", "ps", "images"].map((word) => command(`galley ${word}`, [galley, ...places, word]));
try {
  const medians = await takeTurns([bare, ...commands], rounds);
  const floor = medians.get(bare.name) ?? Number.NaN;
  console.log(
    `Node ${process.version}, ${rounds} rounds, medians\n\n| command | ms | above \`node -e 0\` |\n| --- | ---: | ---: |`,
  );
  for (const [name, value] of medians)
    console.log(`| \`${name}\` | ${value.toFixed(1)} | ${(value - floor).toFixed(1)} |`);
} finally {
  rmSync(state, { recursive: true, force: true });
}
