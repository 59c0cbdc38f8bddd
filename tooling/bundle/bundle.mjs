// Bundles an app for start-up time: `node tooling/bundle/bundle.mjs src/galley.ts`, run in the app's folder.
// Sources of the workspace come in through the @galley/source condition.
//
// Every import() becomes a file of its own that holds all it needs, shared code included: loading a file costs 0.4 ms and each 100 kB
// of it about as much again, so a command should be two files without anything that it does not use. esbuild's own splitting makes a
// chunk of everything that any two commands share through a package's index, and a file of each corner: 18 files with 340 kB for `ps`.
// What crosses between two such files is plain data and functions; errors are recognised by their brand, not by instanceof.
import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, extname, join, relative } from "node:path";
import { keepModuleUrls } from "./keep-module-urls.mjs";
import { lazyBuiltins } from "./lazy-builtins.mjs";

const entries = process.argv.slice(2);
if (entries.length === 0) throw new Error("usage: bundle.mjs ENTRY...");
const { build } = createRequire(join(process.cwd(), "package.json"))("esbuild");
const { dependencies = {} } = JSON.parse(await readFile("package.json", "utf8"));

const outputs = new Map(); // absolute source path → name in dist
const queue = entries.map((entry) => join(process.cwd(), entry));

function nameOf(path) {
  const known = outputs.get(path);
  if (known !== undefined) return known;
  const plain = basename(path, extname(path));
  const folder = basename(dirname(path)) === "src" ? basename(join(path, "../..")) : basename(dirname(path));
  const candidates = [
    plain,
    `${folder}-${plain}`,
    ...Array.from({ length: 99 }, (_, count) => `${folder}-${plain}-${count}`),
  ];
  const name = candidates.find((each) => ![...outputs.values()].includes(each));
  outputs.set(path, name);
  return name;
}

const ownFiles = {
  name: "own-files",
  setup(build) {
    build.onResolve({ filter: /.*/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (kind !== "dynamic-import" || pluginData === ownFiles || path.startsWith("node:")) return undefined;
      const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: ownFiles });
      if (found.errors.length > 0) return found;
      if (!outputs.has(found.path)) queue.push(found.path);
      return { path: `./${nameOf(found.path)}.js`, external: true };
    });
  },
};

await rm("dist", { recursive: true, force: true });
let total = 0;
for (const path of queue) {
  const { metafile } = await build({
    entryPoints: [{ in: path, out: nameOf(path) }],
    outdir: "dist",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    conditions: ["@galley/source"],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
    plugins: [ownFiles, lazyBuiltins, keepModuleUrls(Object.keys(dependencies))],
  });
  for (const [output, { bytes }] of Object.entries(metafile.outputs)) {
    total += bytes;
    console.log(`${relative(".", output)} ${Math.ceil(bytes / 1024)} KiB`);
  }
}
console.log(`${outputs.size} files, ${Math.ceil(total / 1024)} KiB`);
