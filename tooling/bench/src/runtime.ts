/**
 * `node --conditions=@galley/source src/runtime.ts [ROUNDS]`, as root: times `@galley/runtime`'s create, start and wait of a bundle
 * within this process against `crun run` and `runc run` of the same bundle, taking turns, each after 0.1 s of idleness.
 * Prints a table of medians.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { detectCgroups } from "@galley/cgroups";
import { keeperPath } from "@galley/keeper";
import { bundleLaunch, createContainer } from "@galley/runtime";
import { parseRuntimeSpec } from "@galley/spec/schemas";
import { perform } from "@galley/stage";
import { type Subject, takeTurns } from "./take-turns.ts";

const rounds = Number(process.argv[2] ?? 21);

/** A bundle of a static busybox that runs `true` with the usual namespaces and mounts, as `runc spec` describes them. */
function makeBundle(directory: string): void {
  mkdirSync(join(directory, "rootfs/bin"), { recursive: true });
  cpSync("/usr/bin/busybox", join(directory, "rootfs/bin/true"));
  must("runc", ["spec"], directory);
  const path = join(directory, "config.json");
  const config = JSON.parse(readFileSync(path, "utf8"));
  config.process.terminal = false;
  config.process.args = ["/bin/true"];
  delete config.process.rlimits; // raising them needs CAP_SYS_RESOURCE
  writeFileSync(path, JSON.stringify(config));
}

function must(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: status ${status}: ${stderr}`);
}

function galley(bundle: string, state: string): Subject {
  const spec = parseRuntimeSpec(readFileSync(join(bundle, "config.json")));
  const read = (path: string): string => readFileSync(path, "utf8");
  const cgroups = detectCgroups({ mountinfo: read("/proc/self/mountinfo"), selfCgroup: read("/proc/self/cgroup") });
  const names = { pid: "pid", exit: "exit", socket: "attach.sock" };
  const keeper = {
    programPath: keeperPath(),
    runDirectory: state,
    keepDirectory: state,
    stamp: "bench",
    names,
    attached: true,
  };
  return {
    name: "galley, in-process create + start + wait",
    run: async (round) => {
      const id = `bench-${process.pid}-${round}`;
      const launch = bundleLaunch(
        { directory: bundle, spec },
        {
          id,
          architecture: "amd64",
          sourceKind: () => "directory",
          kindOf: pathKind,
          cgroups,
          keeper,
          openStdin: false,
        },
      );
      const container = await createContainer(launch, perform);
      await container.start();
      const { code } = await container.exited;
      if (code !== 0) throw new Error(`the container ended with ${code}`);
    },
  };
}

function pathKind(path: string): "file" | "directory" | "missing" {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return "missing";
  return found.isDirectory() ? "directory" : "file";
}

function peer(name: string, bundle: string, state: string): Subject {
  return {
    name: `${name} run`,
    run: (round) => must(name, ["--root", state, "run", "--bundle", bundle, `bench-${process.pid}-${round}`], bundle),
  };
}

/**
 * On a hybrid host crun wants the hugetlb controller as version 1, like the others. A private mount namespace is enough for that;
 * the directory to mount on is made and removed.
 */
function isolateForCrun(): void {
  if (process.env["GALLEY_BENCH_ISOLATED"] || !existsSync("/sys/fs/cgroup/unified")) return;
  const place = "/sys/fs/cgroup/hugetlb";
  const made = !existsSync(place);
  mkdirSync(place, { recursive: true });
  const prepare = `umount /sys/fs/cgroup/unified; mount -t cgroup -o hugetlb hugetlb ${place}; exec "$@"`;
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, GALLEY_BENCH_ISOLATED: "1" };
  const { status } = spawnSync("unshare", ["-m", "sh", "-c", prepare, "sh", ...again], { stdio: "inherit", env });
  if (made) rmdirSync(place);
  process.exit(status ?? 1);
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "galley-bench-"));
  try {
    for (const state of ["galley", "crun", "runc"]) mkdirSync(join(directory, state));
    const bundle = join(directory, "bundle");
    mkdirSync(bundle);
    makeBundle(bundle);
    const subjects = [
      galley(bundle, join(directory, "galley")),
      peer("crun", bundle, join(directory, "crun")),
      peer("runc", bundle, join(directory, "runc")),
    ];
    print(await takeTurns(subjects, rounds));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function print(medians: ReadonlyMap<string, number>): void {
  const base = medians.get("crun run") ?? Number.NaN;
  console.log(`Linux ${release()}, ${rounds} rounds, medians\n`);
  console.log("| a bundle that runs `true` | ms | to crun |\n| --- | ---: | ---: |");
  for (const [name, value] of medians) console.log(`| ${name} | ${value.toFixed(1)} | ${(value / base).toFixed(2)} |`);
}

isolateForCrun();
await main();
