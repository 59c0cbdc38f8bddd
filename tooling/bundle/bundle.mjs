// Bundles an app for start-up time: `node tooling/bundle/bundle.mjs src/galley.ts`, run in the app's folder.
// Sources of the workspace come in through the @galley/source condition; every lazy import() stays a chunk of its own.
import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { keepModuleUrls } from "./keep-module-urls.mjs";
import { lazyBuiltins } from "./lazy-builtins.mjs";

const entryPoints = process.argv.slice(2);
if (entryPoints.length === 0) throw new Error("usage: bundle.mjs ENTRY...");
const { build } = createRequire(join(process.cwd(), "package.json"))("esbuild");
const { dependencies = {} } = JSON.parse(await readFile("package.json", "utf8"));

await rm("dist", { recursive: true, force: true });
// esbuild has printed what is wrong by then; its stack says nothing more.
const { metafile } = await build({
  entryPoints,
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  conditions: ["@galley/source"],
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
  plugins: [keepModuleUrls(Object.keys(dependencies)), lazyBuiltins],
  // CommonJS parts of the bundle call require() for Node's modules; an ES module has none.
  banner: { js: 'const require=process.getBuiltinModule("node:module").createRequire(import.meta.url);' },
}).catch(() => process.exit(1));
for (const [path, output] of Object.entries(metafile.outputs)) {
  if (!entryPoints.includes(output.entryPoint ?? "")) continue;
  console.log(`${path} ${Math.ceil(output.bytes / 1024)} KiB, ${Object.keys(metafile.outputs).length} files in all`);
}
