// Builds a package's C programs with node-gyp: `node ../../tooling/native/build.mjs`, run in the package's folder.
// Does nothing when the sources are those of the last build. Prints one line, and gyp's whole noise only on failure.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";

const root = join(import.meta.dirname, "../..");
const fromRoot = createRequire(join(root, "package.json"));
const name = basename(process.cwd());
const stampPath = "build/Release/built-from";

/** The folder with Node's headers: the package that brought Node to this checkout, so nothing is downloaded. */
function nodeDirectory() {
  return join(fromRoot.resolve(`node-${process.platform}-${process.arch}/package.json`), "..");
}

/** What the programs were built from, as one line: changes exactly when a rebuild is due. */
function sourceStamp() {
  const hash = createHash("sha256").update(`${process.arch} ${process.env.CC ?? "cc"}\n`);
  for (const path of [...globSync("binding.gyp"), ...globSync("native/**/*.{c,h,S}").sort()]) {
    hash.update(`${path}\n`).update(readFileSync(path));
  }
  return `${hash.digest("hex")}\n`;
}

/** Link with cc as well: gyp would ask for c++, which a machine with only a C compiler lacks. */
function compilerEnvironment() {
  const cc = process.env.CC ?? "cc";
  return { ...process.env, CC: cc, CXX: cc, LINK: cc };
}

const stamp = sourceStamp();
if (existsSync(stampPath) && readFileSync(stampPath, "utf8") === stamp) {
  console.log(`${name}: native programs are up to date`);
  process.exit(0);
}
if (!existsSync("binding.gyp")) {
  console.log(`${name}: no binding.gyp`);
  process.exit(0);
}
const gyp = fromRoot.resolve("node-gyp/bin/node-gyp.js");
const built = spawnSync(process.execPath, [gyp, "configure", "build", `--nodedir=${nodeDirectory()}`, "--jobs=max"], {
  env: compilerEnvironment(),
  encoding: "utf8",
  maxBuffer: 1 << 26,
});
if (built.status !== 0) {
  process.stderr.write(built.stdout + built.stderr);
  console.error(`${name}: the native build failed${built.error === undefined ? "" : `: ${built.error.message}`}`);
  process.exit(1);
}
const warnings = built.stderr.split("\n").filter((line) => /\bwarning:/.test(line));
for (const line of warnings) console.error(line);
mkdirSync("build/Release", { recursive: true });
writeFileSync(stampPath, stamp);
console.log(`${name}: native programs built`);
