// Loaded before an example: no process may be started, and no native code may be loaded.
import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";

for (const name of ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"]) {
  childProcess[name] = () => {
    throw new Error(`an example called ${name}()`);
  };
}
syncBuiltinESMExports();

process.report.excludeNetwork = true;
process.on("exit", () => {
  const native = process.report.getReport().sharedObjects.filter((path) => path.endsWith(".node"));
  if (native.length === 0) return;
  console.error(`native code was loaded: ${native.join(", ")}`);
  process.exitCode = 1;
});
