/** Where commands are looked for when the environment names no PATH, as execvp(3) and container engines have it. */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The paths at which a command may lie, in the order of trying: the kernel decides inside the container.
 *
 * @example
 * commandCandidates("true", ["PATH=/bin:/usr/bin"]); // ["/bin/true", "/usr/bin/true"]
 */
export function commandCandidates(command: string, environment: readonly string[]): readonly string[] {
  if (command.includes("/")) return [command];
  const path = environment.findLast((entry) => entry.startsWith("PATH="))?.slice("PATH=".length) || defaultPath;
  return path.split(":").map((directory) => `${directory || "."}/${command}`);
}
