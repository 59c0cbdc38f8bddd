// The main job, for real: an image made on the spot in an embedded registry, pulled and run by the real command line.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { accountOf } from "./account.ts";
import { compileHello } from "./compile-hello.ts";
import { type Galley, galleyIn, saidBy } from "./galley-command.ts";
import { storeHelloImage } from "./hello-image.ts";
import { leftovers, mountsBeneath } from "./leftovers.ts";

const limits = ["--memory", "64m", "--pids-limit", "20"];

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

function indent(text: string): void {
  console.log(text.trimEnd().replaceAll(/^/gm, "   "));
}

/** Pulls and runs, and tells the id of the container that was. */
async function pullAndRun(galley: Galley, image: string, folder: string): Promise<string> {
  const idPath = join(folder, "container-id");
  heading(`galley pull ${image}`);
  indent(await galley("pull", image));
  heading(`galley run --rm ${limits.join(" ")} ${image}`);
  indent(await galley("run", "--rm", "--cidfile", idPath, ...limits, image));
  return (await readFile(idPath, "utf8")).trim();
}

async function explain(galley: Galley, image: string): Promise<void> {
  heading("What happened, by the plan of that command (galley explain run … prints all of it)");
  const plan: unknown = JSON.parse(await galley("explain", "--format", "json", "run", ...limits, image));
  for (const line of accountOf(plan)) indent(line);
}

/** Everything, in a folder of its own; true when all of it went well. */
async function quickstart(folderPath: string): Promise<boolean> {
  const galley = galleyIn(join(folderPath, "root"), join(folderPath, "run"));
  heading("An image of hello.c, in a registry on loopback");
  const store = createMemoryStore();
  await using registry = await serveRegistry({ store });
  const image = `${registry.address}/hello:latest`;
  indent(`${image}\n${await storeHelloImage(store, await compileHello(folderPath))}`);
  const isRoot = process.getuid?.() === 0;
  const containerId = isRoot ? await pullAndRun(galley, image, folderPath) : undefined;
  if (!isRoot) heading("Not root: pull and run are left out. Run npm run quickstart as root to see them.");
  await explain(galley, image);
  const left = leftovers({ folderPath, ...(containerId !== undefined && { containerId }) });
  heading(left.length === 0 ? "Nothing is left mounted or running." : "Left behind:");
  for (const line of left) indent(line);
  return left.length === 0;
}

const folder = await mkdtemp(join(tmpdir(), "galley-quickstart-"));
try {
  if (!(await quickstart(folder))) process.exitCode = 1;
} catch (error) {
  console.error(`quickstart: ${saidBy(error)}`);
  process.exitCode = 1;
} finally {
  // Never through something that is still mounted there.
  if (mountsBeneath(folder).length === 0) await rm(folder, { recursive: true, force: true });
}
