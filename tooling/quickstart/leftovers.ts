import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";

/** What on this machine still has to do with a run. Empty when all is gone. */
export function leftovers(run: { folderPath: string; containerId?: string }): string[] {
  const groups = run.containerId === undefined ? [] : cgroupsNaming(run.containerId);
  return [...mountsBeneath(run.folderPath), ...processesNaming(run.folderPath), ...groups];
}

/** The mounts at or beneath a folder, or made of something in it. */
export function mountsBeneath(folderPath: string): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return lines.filter((line) => line.includes(folderPath)).map((line) => `mount: ${line.split(" ")[4]}`);
}

function processesNaming(folderPath: string): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids.flatMap((pid) => {
    const command = commandLine(pid);
    return command.includes(folderPath) ? [`process ${pid}: ${command}`] : [];
  });
}

/** Empty for a process that ended meanwhile. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

function cgroupsNaming(containerId: string): string[] {
  if (!existsSync("/sys/fs/cgroup")) return [];
  return globSync(`**/*${containerId}*`, { cwd: "/sys/fs/cgroup" }).map((path) => `cgroup: /sys/fs/cgroup/${path}`);
}
