import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Where the distribution puts the defaults that come with podman (containers.conf(5)). */
const shippedConfiguration = "/usr/share/containers/containers.conf";

/** Podman with places of its own; dispose of it to take everything away. */
export interface PodmanHome extends AsyncDisposable {
  /** Runs it to its end, which must be good; returns its trimmed output. */
  ok(...args: string[]): Promise<string>;
}

/** Makes one beneath a folder. */
export async function podmanHome(folder: string): Promise<PodmanHome> {
  const [root = "", runroot = "", tmp = ""] = ["root", "run", "tmp"].map((name) => join(folder, "podman", name));
  for (const place of [root, runroot, tmp]) await mkdir(place, { recursive: true });
  const places = ["--root", root, "--runroot", runroot, "--tmpdir", tmp, "--events-backend", "none"];
  const flags = [...places, "--runtime", "runc", "--cgroup-manager", "cgroupfs", "--storage-driver", "overlay"];
  // Without CAP_SYS_RESOURCE its default limits cannot be set.
  const configuration = join(folder, "podman", "containers.conf");
  const shipped = await readFile(shippedConfiguration, "utf8").catch(() => "[containers]\n");
  await writeFile(configuration, shipped.replace(/^\[containers\]$/m, "[containers]\ndefault_ulimits = []"));
  const env = { ...process.env, CONTAINERS_CONF: configuration };
  const ok = async (...args: string[]): Promise<string> => {
    const { stdout } = await run("podman", [...flags, ...args], { env, maxBuffer: 1 << 26 });
    return stdout.trim();
  };
  return {
    ok,
    async [Symbol.asyncDispose]() {
      await ok("rm", "--all", "--force");
      await ok("image", "unmount", "--all").catch(() => {});
      await ok("rmi", "--all", "--force");
    },
  };
}
