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

/** A verb of a group of its own. */
function verb(name: string, summary: string, load: CommandEntry["load"]): CommandEntry {
  return { names: [name], summary, load };
}

/** All commands. */
export const commands: readonly CommandEntry[] = [
  container("commit", "Make an image of a container", () => import("./commands/commit.ts")),
  container("create", "Create a container without starting it", () => import("./commands/create.ts")),
  { names: ["diff"], summary: "List changed files of containers or images", load: () => import("./commands/diff.ts") },
  container("exec", "Run a command in a running container", () => import("./commands/exec.ts")),
  {
    names: ["explain"],
    summary: "Show what a run would do, step by step",
    load: () => import("./commands/explain.ts"),
  },
  container("export", "Write a container's files as a tar archive", () => import("./commands/export.ts")),
  image("history", ["history"], "Show how an image came about", () => import("./commands/history.ts")),
  image("images", ["ls", "list"], "List images", () => import("./commands/images.ts")),
  image("import", ["import"], "Make an image of a file tree in a tar archive", () => import("./commands/import.ts")),
  {
    names: ["info", "system info"],
    summary: "Show the host, the store and the version",
    load: () => import("./commands/info.ts"),
  },
  { names: ["inspect"], summary: "Show all about containers or images", load: () => import("./commands/inspect.ts") },
  container("kill", "Send a signal to containers", () => import("./commands/kill.ts")),
  image("load", ["load"], "Bring images from an archive into the store", () => import("./commands/load.ts")),
  { names: ["login"], summary: "Log in to a registry", load: () => import("./commands/login.ts") },
  { names: ["logout"], summary: "Forget a login", load: () => import("./commands/logout.ts") },
  container("logs", "Print what a container wrote", () => import("./commands/logs.ts")),
  container("mount", "Mount containers' files on the host", () => import("./commands/mount.ts")),
  container("ps", "List containers", () => import("./commands/ps.ts"), "container ls", "container list"),
  image("pull", ["pull"], "Pull images from a registry", () => import("./commands/pull.ts")),
  image("push", ["push"], "Push an image to a registry", () => import("./commands/push.ts")),
  {
    names: ["registry serve"],
    summary: "Serve images to other machines",
    load: () => import("./commands/registry-serve.ts"),
  },
  container("rm", "Remove containers", () => import("./commands/rm.ts")),
  image("rmi", ["rm"], "Remove images", () => import("./commands/rmi.ts")),
  container("run", "Run a command in a new container", () => import("./commands/run.ts")),
  image("save", ["save"], "Write images into an archive", () => import("./commands/save.ts")),
  image("search", ["search"], "Look for images in registries", () => import("./commands/search.ts")),
  container("start", "Start containers", () => import("./commands/start.ts")),
  container("stop", "Stop containers", () => import("./commands/stop.ts")),
  image("tag", ["tag"], "Give an image one more name", () => import("./commands/tag.ts")),
  container(
    "unmount",
    "Take mounted containers off the host",
    () => import("./commands/unmount.ts"),
    ...["umount", "container umount"],
  ),
  image("untag", ["untag"], "Take names from an image", () => import("./commands/untag.ts")),
  { names: ["version"], summary: "Show the version", load: () => import("./commands/version.ts") },
  container("wait", "Wait until containers end and print their exit codes", () => import("./commands/wait.ts")),
  verb("container diff", "List files that a container has changed", () => import("./commands/container-diff.ts")),
  verb("image mount", "Mount images' files on the host", () => import("./commands/image-mount.ts")),
  {
    names: ["image unmount", "image umount"],
    summary: "Take mounted images off the host",
    load: () => import("./commands/image-unmount.ts"),
  },
  verb("image diff", "List files that an image changes", () => import("./commands/image-diff.ts")),
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
  {
    names: ["container prune"],
    summary: "Remove all containers that do not run",
    load: () => import("./commands/container-prune.ts"),
  },
  {
    names: ["image prune"],
    summary: "Remove images that nobody needs",
    load: () => import("./commands/image-prune.ts"),
  },
  { names: ["image tree"], summary: "Show an image's layers", load: () => import("./commands/image-tree.ts") },
  verb("artifact add", "Make an artifact of files", () => import("./commands/artifact-add.ts")),
  verb("artifact extract", "Write an artifact's files", () => import("./commands/artifact-extract.ts")),
  verb("artifact inspect", "Show an artifact's manifest", () => import("./commands/artifact-inspect.ts")),
  {
    names: ["artifact ls", "artifact list"],
    summary: "List artifacts",
    load: () => import("./commands/artifact-ls.ts"),
  },
  verb("artifact pull", "Pull an artifact from a registry", () => import("./commands/artifact-pull.ts")),
  verb("artifact push", "Push an artifact to a registry", () => import("./commands/artifact-push.ts")),
  verb("artifact rm", "Remove artifacts", () => import("./commands/artifact-rm.ts")),
  verb("manifest add", "Add images to a manifest list", () => import("./commands/manifest-add.ts")),
  verb("manifest annotate", "Change what a manifest list says", () => import("./commands/manifest-annotate.ts")),
  verb("manifest create", "Make a manifest list", () => import("./commands/manifest-create.ts")),
  verb(
    "manifest exists",
    "Tell by the exit code whether a manifest list exists",
    () => import("./commands/manifest-exists.ts"),
  ),
  verb(
    "manifest inspect",
    "Print a manifest list or a registry's manifest",
    () => import("./commands/manifest-inspect.ts"),
  ),
  verb("manifest push", "Push a manifest list to a registry", () => import("./commands/manifest-push.ts")),
  verb("manifest remove", "Take an image out of a manifest list", () => import("./commands/manifest-remove.ts")),
  verb("manifest rm", "Remove manifest lists", () => import("./commands/manifest-rm.ts")),
  {
    names: ["system check"],
    summary: "Look for damage in the store, and mend it",
    load: () => import("./commands/system-check.ts"),
  },
  verb("system df", "Show how much of the disk is taken by what", () => import("./commands/system-df.ts")),
  {
    names: ["system prune"],
    summary: "Remove everything that nobody needs",
    load: () => import("./commands/system-prune.ts"),
  },
  { names: ["image inspect"], summary: "Show all about images", load: () => import("./commands/image-inspect.ts") },
];

/** Words that only say what kind of thing a command is about. */
export const groups: Readonly<Record<string, string>> = {
  artifact: "Manage OCI artifacts",
  container: "Manage containers",
  image: "Manage images",
  manifest: "Manage manifest lists",
  registry: "Give images to other machines",
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
