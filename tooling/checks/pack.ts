import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "./workspace.ts";

const run = promisify(execFile);

/** What `pnpm pack` made of one package. */
export interface Packed {
  readonly name: string;
  readonly folder: string;
  readonly tarballPath: string;
}

/** Packs one package of the workspace, as publishing would, into `intoPath`. The package must have been built. */
export async function pack(folder: string, intoPath: string): Promise<Packed> {
  await mkdir(intoPath, { recursive: true });
  const cwd = join(repositoryRoot, folder);
  const { name, version } = JSON.parse(await readFile(join(cwd, "package.json"), "utf8")) as Record<string, string>;
  await run(join(repositoryRoot, "node_modules/.bin/pnpm"), ["pack", "--pack-destination", intoPath], { cwd });
  const file = `${name?.replace("@", "").replace("/", "-")}-${version}.tgz`;
  return { name: name ?? folder, folder, tarballPath: join(intoPath, file) };
}
