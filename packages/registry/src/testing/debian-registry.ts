import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why Debian's docker-registry cannot be used here; empty when it can. */
export const noDebianRegistry = spawnSync("docker-registry", ["--version"]).error
  ? "docker-registry is not installed"
  : "";

/** Debian's docker-registry on a loopback port, with its content in a temporary folder. */
export interface DebianRegistry {
  readonly address: string;
  readonly folder: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts it and waits until it answers. */
export async function startDebianRegistry(): Promise<DebianRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "galley-registry-"));
  await mkdir(join(folder, "content"));
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(folder, "config.yml");
  await writeFile(config, configuration(address, join(folder, "content")));
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  const exited = once(child, "exit");
  await answers(`http://${address}/v2/`);
  return {
    address,
    folder,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

function configuration(address: string, content: string): string {
  return `version: 0.1
log: { level: error }
storage:
  filesystem: { rootdirectory: ${content} }
  delete: { enabled: true }
http: { addr: "${address}" }
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const reply = await fetch(url).catch(() => undefined);
    if (reply?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer`);
}
