import { readFileSync } from "node:fs";
import type { CreateContainerOptions, ProcessOptions, ResourceOptions, SecurityOptions } from "@galley/engine";
import type { FlagValues } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { parseEnvFile } from "../values/parse-env-file.ts";
import { parseEnvironment } from "../values/parse-environment.ts";
import { parseSecurity } from "../values/parse-security.ts";
import type { createFlags } from "./run-flags.ts";

/** What `create`, `run` and `explain run` were told. */
export type CreateFlags = FlagValues<typeof createFlags>;

/** What the command line takes from around itself. */
export interface Caller {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Flags and words (the image, then the command) as what the engine is to create. */
export function createOptions(flags: CreateFlags, words: readonly string[], caller: Caller): CreateContainerOptions {
  const [image = "", ...command] = words;
  return defined({
    image,
    name: flags.name,
    hostname: flags.hostname,
    labels: flags.label.length > 0 ? Object.fromEntries(flags.label) : undefined,
    network: flags.network,
    process: processOptions(flags, command, caller),
    resources: resourceOptions(flags),
    security: securityOptions(flags, caller),
    files: fileOptions(flags),
    life: defined({
      stopSignal: flags["stop-signal"] === undefined ? undefined : String(flags["stop-signal"]),
      stopTimeoutS: flags["stop-timeout"],
      autoRemove: flags.rm,
    }),
  });
}

function processOptions(flags: CreateFlags, command: readonly string[], caller: Caller): ProcessOptions {
  const environment = environmentOf(flags, caller);
  return defined({
    command: command.length > 0 ? command : undefined,
    entrypoint: flags.entrypoint,
    environment: environment.length > 0 ? Object.fromEntries(environment) : undefined,
    workingDirectory: flags.workdir,
    user: flags.user,
    terminal: flags.tty,
    openStdin: flags.interactive,
    init: flags.init,
  });
}

/** Files first: what stands on the command line wins. */
function environmentOf(flags: CreateFlags, caller: Caller): readonly (readonly [string, string])[] {
  const fromFiles = flags["env-file"].flatMap((path) => readEnvFile(path, caller));
  return [...fromFiles, ...flags.env.flatMap((given) => parseEnvironment(given, caller.environment))];
}

function readEnvFile(path: string, caller: Caller): readonly (readonly [string, string])[] {
  try {
    return parseEnvFile(readFileSync(path, "utf8"), caller.environment);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw badValue(
      `parsing env file ${JSON.stringify(path)}: ${code === "ENOENT" ? `open ${path}: no such file or directory` : message}`,
    );
  }
}

function resourceOptions(flags: CreateFlags): ResourceOptions {
  const ulimits = flags.ulimit.filter((limit) => limit !== undefined);
  return defined({
    memoryBytes: flags.memory === 0 ? undefined : flags.memory,
    memorySwapBytes: flags["memory-swap"] === 0 ? undefined : flags["memory-swap"],
    cpus: flags.cpus === 0 ? undefined : flags.cpus,
    pidsLimit: flags["pids-limit"],
    ulimits: ulimits.length > 0 ? ulimits : undefined,
  });
}

function securityOptions(flags: CreateFlags, caller: Caller): SecurityOptions {
  return defined({
    privileged: flags.privileged,
    addCapabilities: flags["cap-add"].length > 0 ? flags["cap-add"].flatMap(names) : undefined,
    dropCapabilities: flags["cap-drop"].length > 0 ? flags["cap-drop"].flatMap(names) : undefined,
    ...parseSecurity(flags["security-opt"], caller.directory),
  });
}

/** `--cap-add a,b` means both; "all" may be written small. */
function names(given: string): readonly string[] {
  return given.split(",").map((name) => (name.toLowerCase() === "all" ? "ALL" : name));
}

function fileOptions(flags: CreateFlags): NonNullable<CreateContainerOptions["files"]> {
  const targets = [...flags.volume, ...flags.tmpfs].map(({ containerPath }) => containerPath);
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) throw badValue(`${JSON.stringify(twice)}: duplicate mount destination`);
  return defined({
    binds: flags.volume.length > 0 ? flags.volume : undefined,
    tmpfs: flags.tmpfs.length > 0 ? flags.tmpfs : undefined,
    readOnlyRoot: flags["read-only"],
  });
}

type Defined<Record> = { [Key in keyof Record as undefined extends Record[Key] ? never : Key]: Record[Key] } & {
  [Key in keyof Record as undefined extends Record[Key] ? Key : never]?: Exclude<Record[Key], undefined>;
};

/** Without the members that are undefined: the engine's options are either there or not. */
function defined<Members extends object>(members: Members): Defined<Members> {
  return Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined)) as Defined<Members>;
}
