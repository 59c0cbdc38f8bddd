import { globSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RuntimeSpec } from "@galley/spec";
import { command } from "./command.ts";
import { removeControlGroups } from "./control-groups.ts";

/** Podman with a store of its own that holds the probe's image; dispose of it to take everything away. */
export interface PodmanStore extends AsyncDisposable {
  /** Creates a container of the probe, mounts what it needs and gives its OCI specification. */
  prepare(flags: readonly string[]): Promise<PreparedContainer>;
}

/** A container that podman has prepared and that nobody has started; dispose of it to remove it. */
export interface PreparedContainer extends AsyncDisposable {
  readonly spec: RuntimeSpec;
}

const image = "localhost/probe";
/** Where the distribution puts the defaults that come with podman (containers.conf(5)). */
const shippedConfiguration = "/usr/share/containers/containers.conf";
const cgroupParent = "galley-probe-podman";

/** Imports the layer as an image into a new store beneath the given folder. */
export async function openPodman(folder: string, layerPath: string): Promise<PodmanStore> {
  const places = ["root", "run", "tmp"].map((name) => join(folder, name));
  for (const place of places) await mkdir(place, { recursive: true });
  const [root = "", run = "", tmp = ""] = places;
  const global = ["--root", root, "--runroot", run, "--tmpdir", tmp, "--events-backend", "none"];
  const engine = ["--runtime", "runc", "--cgroup-manager", "cgroupfs", "--storage-driver", "overlay"];
  // Without CAP_SYS_RESOURCE its default limits cannot be set; then all that it has prepared would be taken away again.
  const configuration = join(folder, "containers.conf");
  const shipped = await readFile(shippedConfiguration, "utf8").catch(() => "[containers]\n");
  await writeFile(configuration, shipped.replace(/^\[containers\]$/m, "[containers]\ndefault_ulimits = []"));
  const podman = (...words: string[]): Promise<string> =>
    command("podman", [...global, ...engine, ...words], { CONTAINERS_CONF: configuration });
  await podman("import", layerPath, image);
  return {
    prepare: async (flags) => {
      const network = flags.includes("--network") ? [] : ["--network", "none"];
      const own = ["--ulimit", "host", "--cgroup-parent", `/${cgroupParent}`, ...network];
      const id = (await podman("create", ...own, ...flags, image, "/probe")).trim();
      await podman("init", id).catch(refusedLimits);
      const spec = await readSpec(root, id);
      return { spec, [Symbol.asyncDispose]: async () => void (await podman("rm", "--force", id)) };
    },
    [Symbol.asyncDispose]: async () => {
      await podman("rm", "--all", "--force");
      await podman("rmi", "--all", "--force");
      removeControlGroups(cgroupParent);
    },
  };
}

/** On a host without CAP_SYS_RESOURCE runc cannot raise limits as podman's defaults want; all else is in place by then. */
function refusedLimits(error: Error): void {
  if (!/setting rlimit/.test(error.message)) throw error;
}

async function readSpec(root: string, id: string): Promise<RuntimeSpec> {
  const [path = ""] = globSync(`overlay-containers/${id}/userdata/config.json`, { cwd: root });
  return JSON.parse(await readFile(join(root, path), "utf8")) as RuntimeSpec;
}
