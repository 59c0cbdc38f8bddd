import type { Command } from "./command.ts";

/** Where a command is found; its module is loaded when it is called. */
export interface CommandEntry {
  /** Its names, the one to show first: "images", "image ls". */
  readonly names: readonly [string, ...string[]];
  /** One phrase for the list of commands. */
  readonly summary: string;
  readonly hidden?: boolean;
  readonly load: () => Promise<{ readonly command: unknown }>;
}

/** A container's verbs are also found under `container`. */
function container(name: string, summary: string, load: CommandEntry["load"], ...others: string[]): CommandEntry {
  return { names: [name, `container ${name}`, ...others], summary, load };
}

function image(name: string, verbs: readonly string[], summary: string, load: CommandEntry["load"]): CommandEntry {
  return { names: [name, ...verbs.map((verb) => `image ${verb}`)], summary, load };
}

/** All commands. */
export const commands: readonly CommandEntry[] = [
  container("create", "Create a container without starting it", () => import("./commands/create.ts")),
  container("exec", "Run a command in a running container", () => import("./commands/exec.ts")),
  {
    names: ["explain"],
    summary: "Show what a run would do, step by step",
    load: () => import("./commands/explain.ts"),
  },
  image("images", ["ls", "list"], "List images", () => import("./commands/images.ts")),
  {
    names: ["info", "system info"],
    summary: "Show the host, the store and the version",
    load: () => import("./commands/info.ts"),
  },
  { names: ["inspect"], summary: "Show all about containers or images", load: () => import("./commands/inspect.ts") },
  container("kill", "Send a signal to containers", () => import("./commands/kill.ts")),
  container("logs", "Print what a container wrote", () => import("./commands/logs.ts")),
  container("ps", "List containers", () => import("./commands/ps.ts"), "container ls", "container list"),
  image("pull", ["pull"], "Pull images from a registry", () => import("./commands/pull.ts")),
  container("rm", "Remove containers", () => import("./commands/rm.ts")),
  image("rmi", ["rm"], "Remove images", () => import("./commands/rmi.ts")),
  container("run", "Run a command in a new container", () => import("./commands/run.ts")),
  container("start", "Start containers", () => import("./commands/start.ts")),
  container("stop", "Stop containers", () => import("./commands/stop.ts")),
  image("tag", ["tag"], "Give an image one more name", () => import("./commands/tag.ts")),
  { names: ["version"], summary: "Show the version", load: () => import("./commands/version.ts") },
  container("wait", "Wait until containers end and print their exit codes", () => import("./commands/wait.ts")),
  {
    names: ["container exists"],
    summary: "Tell by the exit code whether a container exists",
    load: () => import("./commands/container-exists.ts"),
  },
  {
    names: ["container inspect"],
    summary: "Show all about containers",
    load: () => import("./commands/container-inspect.ts"),
  },
  {
    names: ["container cleanup"],
    summary: "Tidy up after an ended container",
    hidden: true,
    load: () => import("./commands/container-cleanup.ts"),
  },
  {
    names: ["image exists"],
    summary: "Tell by the exit code whether an image is in the store",
    load: () => import("./commands/image-exists.ts"),
  },
  { names: ["image inspect"], summary: "Show all about images", load: () => import("./commands/image-inspect.ts") },
];

/** Words that only say what kind of thing a command is about. */
export const groups: Readonly<Record<string, string>> = {
  container: "Manage containers",
  image: "Manage images",
  system: "Look at the engine itself",
};

/** A command as it was called. */
export interface FoundCommand {
  readonly entry: CommandEntry;
  /** "image ls" */
  readonly name: string;
  readonly rest: readonly string[];
}

/** The command that words begin with; undefined when there is none. */
export function findCommand(words: readonly string[]): FoundCommand | undefined {
  const length = words[0] !== undefined && Object.hasOwn(groups, words[0]) ? 2 : 1;
  const name = words.slice(0, length).join(" ");
  const entry = commands.find(({ names }) => names.includes(name));
  return entry && { entry, name, rest: words.slice(length) };
}

/** Loads a command. */
export async function loadCommand(entry: CommandEntry): Promise<Command> {
  const { command } = await entry.load();
  return command as Command;
}
