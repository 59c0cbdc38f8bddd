import { type ChildProcess, spawn } from "node:child_process";
import type { PerformOptions } from "@galley/plan";
import { galleyError } from "@galley/spec";

/** What the program's descriptors are, by number; 3 and 4 belong to the protocol. */
export type Inherit = NonNullable<PerformOptions["inherit"]>;

/** A `stage` process that waits for its plan. */
export interface StageProcess {
  readonly child: ChildProcess;
  /** Rejects when the program could not be started. */
  readonly started: Promise<void>;
}

/** Starts the program. With `sealed` it goes on as a sealed copy of itself, as it must before it joins or enters a container. */
export function startStage(
  program: string,
  options: { readonly sealed: boolean; readonly inherit: Inherit },
): StageProcess {
  const { inherit, sealed } = options;
  const [input = "ignore", output = "ignore", errors = "ignore"] = inherit;
  const stdio = [input, output, errors, "pipe" as const, "pipe" as const, ...inherit.slice(5)];
  const child = spawn(program, sealed ? ["--sealed"] : [], { stdio, env: {}, cwd: "/" });
  const started = new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.on("error", (cause) => reject(noProgram(program, cause)));
  });
  started.catch(() => {}); // told by whoever waits for it
  return { child, started };
}

function noProgram(program: string, cause: Error): Error {
  return galleyError("unsupported", "stage.no-program", `cannot start ${program}: ${cause.message}`, { cause });
}
