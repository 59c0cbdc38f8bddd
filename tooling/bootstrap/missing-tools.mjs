import { existsSync } from "node:fs";
import { join } from "node:path";

/** Whether a program is to be found, as a path or in PATH. */
function present(program) {
  if (program.includes("/")) return existsSync(program);
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, program)));
}

/** Names what this machine lacks to install and build; empty when all is there. */
export function missingTools() {
  const compiler = (process.env.CC ?? "cc").split(" ")[0];
  const missing = [compiler, "make", "python3", "npx"].filter((program) => !present(program));
  if (process.platform !== "linux") missing.unshift(`Linux (this is ${process.platform})`);
  if (Number(process.versions.node.split(".")[0]) < 20)
    missing.unshift(`Node 20 or later (this is ${process.version})`);
  return missing;
}
