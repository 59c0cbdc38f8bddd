import { existsSync } from "node:fs";

/** Why steps cannot be performed here; empty when they can. */
export function performProblem(): string {
  const program = new URL("../../../stage/build/Release/stage", import.meta.url);
  if (!existsSync(program)) return "packages/stage is not built";
  return process.getuid?.() === 0 ? "" : "not root";
}
