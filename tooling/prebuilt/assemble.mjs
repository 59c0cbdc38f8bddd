// Makes a prebuilt package from the programs just built here, for this machine's CPU:
//   node tooling/prebuilt/assemble.mjs stage OUT    →  OUT/stage-linux-x64/{package.json,README.md,LICENSE,stage,walk}
// Run once a CPU in the release, then `npm publish` each folder before the packages that name them.
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { prebuiltName, programs } from "./programs.mjs";

const root = join(import.meta.dirname, "../..");
const [shortName, outPath] = process.argv.slice(2);
if (shortName === undefined || outPath === undefined) throw new Error("usage: assemble.mjs PACKAGE OUT");

const folder = join(root, "packages", shortName);
const owner = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
const carried = programs[owner.name];
if (carried === undefined) throw new Error(`${owner.name} has no programs`);

const name = prebuiltName(owner.name, process.arch);
const into = join(resolve(outPath), name.split("/")[1]);
await mkdir(into, { recursive: true });
const manifest = {
  name,
  version: owner.version,
  description: `The programs of ${owner.name} for Linux on ${process.arch}`,
  license: owner.license,
  os: ["linux"],
  cpu: [process.arch],
  exports: {
    "./package.json": "./package.json",
    ...Object.fromEntries(carried.map((program) => [`./${program}`, `./${program}`])),
  },
  files: carried,
  publishConfig: owner.publishConfig,
};
await writeFile(join(into, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await writeFile(
  join(into, "README.md"),
  `# ${name}\n\n${manifest.description}: static executables. Install ${owner.name}, not this.\n`,
);
await copyFile(join(root, "LICENSE"), join(into, "LICENSE"));
for (const program of carried) {
  await copyFile(join(folder, "build/Release", program), join(into, program));
  await chmod(join(into, program), 0o755);
}
console.log(into);
