import { spawnSync } from "node:child_process";

/** A command that failed, with all it printed. */
class CommandFailure extends Error {}

/** Runs a command quietly and returns what it printed; throws with the whole output when it fails. */
export function capture(program, args, options) {
  const done = spawnSync(program, args, {
    ...options,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28,
  });
  if (done.error !== undefined) throw new CommandFailure(`${program}: ${done.error.message}\n`);
  if (done.status !== 0) {
    throw new CommandFailure(
      `${done.stdout}${done.stderr}${program} ${args.join(" ")}: exit ${done.status ?? done.signal}\n`,
    );
  }
  return done.stdout;
}

/**
 * Runs one stage and prints one line about it: `build      21 tasks, 21 up to date (0.4 s)`.
 * A failed command's output is printed whole; a fatal stage then ends the process with 1.
 */
export function stage(name, work, { fatal = true } = {}) {
  process.stdout.write(name.padEnd(11));
  const started = performance.now();
  const took = () => `(${((performance.now() - started) / 1000).toFixed(1)} s)`;
  try {
    const said = work();
    console.log(said ? `${said} ${took()}` : `ok ${took()}`);
    return true;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    console.log(`failed ${took()}`);
    process.stderr.write(error.message);
    if (fatal) process.exit(1);
    return false;
  }
}
