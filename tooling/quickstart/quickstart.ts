// The main job, for real: an image made on the spot in an embedded registry, pulled and run by the real command line.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { accountOf } from "./account.ts";
import { compileHello } from "./compile-hello.ts";
import { type Galley, galleyIn, saidBy } from "./galley-command.ts";
import { storeHelloImage } from "./hello-image.ts";
import { leftovers } from "./leftovers.ts";

const limits = ["--memory", "64m", "--pids-limit", "20"];

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

function indent(text: string): void {
  console.log(text.trimEnd().replaceAll(/^/gm, "   "));
}

/** Pulls and runs as root; as anyone else tells what is missing. */
async function pullAndRun(galley: Galley, image: string): Promise<void> {
  heading(`galley pull ${image}`);
  indent(await galley("pull", image));
  heading(`galley run --rm ${limits.join(" ")} ${image}`);
  indent(await galley("run", "--rm", ...limits, image));
}

async function explain(galley: Galley, image: string): Promise<void> {
  heading("What happened, by the plan that was performed (galley explain run … prints all of it)");
  const plan: unknown = JSON.parse(await galley("explain", "--format", "json", "run", ...limits, image));
  for (const line of accountOf(plan)) indent(line);
}

/** Everything, in a folder of its own; true when all of it went well. */
async function quickstart(folder: string): Promise<boolean> {
  const galley = galleyIn(join(folder, "root"), join(folder, "run"));
  heading("An image of hello.c, in a registry on loopback");
  const store = createMemoryStore();
  await using registry = await serveRegistry({ store });
  const image = `${registry.address}/hello:latest`;
  const digest = await storeHelloImage(store, await compileHello(folder));
  indent(`${image}\n${digest}`);
  if (process.getuid?.() === 0) await pullAndRun(galley, image);
  else indent("not root: pulling and running are left out; npm run quickstart as root does them");
  await explain(galley, image);
  const left = leftovers(folder);
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
  await rm(folder, { recursive: true, force: true });
}
