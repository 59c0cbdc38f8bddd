import type { Command } from "./command.ts";
import { command as containerCleanup } from "./commands/container-cleanup.ts";
import { command as containerExists } from "./commands/container-exists.ts";
import { command as containerInspect } from "./commands/container-inspect.ts";
import { command as create } from "./commands/create.ts";
import { command as exec } from "./commands/exec.ts";
import { command as explain } from "./commands/explain.ts";
import { command as imageExists } from "./commands/image-exists.ts";
import { command as imageInspect } from "./commands/image-inspect.ts";
import { command as images } from "./commands/images.ts";
import { command as info } from "./commands/info.ts";
import { command as inspect } from "./commands/inspect.ts";
import { command as kill } from "./commands/kill.ts";
import { command as logs } from "./commands/logs.ts";
import { command as ps } from "./commands/ps.ts";
import { command as pull } from "./commands/pull.ts";
import { command as rm } from "./commands/rm.ts";
import { command as rmi } from "./commands/rmi.ts";
import { command as run } from "./commands/run.ts";
import { command as start } from "./commands/start.ts";
import { command as stop } from "./commands/stop.ts";
import { command as tag } from "./commands/tag.ts";
import { command as version } from "./commands/version.ts";
import { command as wait } from "./commands/wait.ts";

/**
 * A command and its names. All are loaded at once: in the bundle one larger file starts faster than the several that one command
 * alone would share with the others. What only some need (the registry client, schemas, progress bars) they import when they do.
 */
export interface CommandEntry {
  /** Its names, the one to show first: "images", "image ls". */
  readonly names: readonly [string, ...string[]];
  /** One phrase for the list of commands. */
  readonly summary: string;
  readonly hidden?: boolean;
  readonly command: Command;
}

/** A container's verbs are also found under `container`. */
function container(name: string, summary: string, command: Command, ...others: string[]): CommandEntry {
  return { names: [name, `container ${name}`, ...others], summary, command };
}

function image(name: string, verbs: readonly string[], summary: string, command: Command): CommandEntry {
  return { names: [name, ...verbs.map((verb) => `image ${verb}`)], summary, command };
}

/** All commands. */
export const commands: readonly CommandEntry[] = [
  container("create", "Create a container without starting it", create),
  container("exec", "Run a command in a running container", exec),
  {
    names: ["explain"],
    summary: "Show what a run would do, step by step",
    command: explain,
  },
  image("images", ["ls", "list"], "List images", images),
  {
    names: ["info", "system info"],
    summary: "Show the host, the store and the version",
    command: info,
  },
  { names: ["inspect"], summary: "Show all about containers or images", command: inspect },
  container("kill", "Send a signal to containers", kill),
  container("logs", "Print what a container wrote", logs),
  container("ps", "List containers", ps, "container ls", "container list"),
  image("pull", ["pull"], "Pull images from a registry", pull),
  container("rm", "Remove containers", rm),
  image("rmi", ["rm"], "Remove images", rmi),
  container("run", "Run a command in a new container", run),
  container("start", "Start containers", start),
  container("stop", "Stop containers", stop),
  image("tag", ["tag"], "Give an image one more name", tag),
  { names: ["version"], summary: "Show the version", command: version },
  container("wait", "Wait until containers end and print their exit codes", wait),
  {
    names: ["container exists"],
    summary: "Tell by the exit code whether a container exists",
    command: containerExists,
  },
  {
    names: ["container inspect"],
    summary: "Show all about containers",
    command: containerInspect,
  },
  {
    names: ["container cleanup"],
    summary: "Tidy up after an ended container",
    hidden: true,
    command: containerCleanup,
  },
  {
    names: ["image exists"],
    summary: "Tell by the exit code whether an image is in the store",
    command: imageExists,
  },
  { names: ["image inspect"], summary: "Show all about images", command: imageInspect },
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
