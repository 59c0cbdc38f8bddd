import { readdirSync, readFileSync } from "node:fs";

/** What on this machine still has to do with a folder: mounts beneath it, processes that name it. Empty when all is gone. */
export function leftovers(folderPath: string): string[] {
  return [...mountsBeneath(folderPath), ...processesNaming(folderPath)];
}

function mountsBeneath(folderPath: string): string[] {
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
