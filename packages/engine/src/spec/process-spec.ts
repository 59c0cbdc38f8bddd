import {
  adjustCapabilities,
  type CapabilitySet,
  capabilityNames,
  capabilitySets,
  knownCapabilities,
  parseCapabilities,
  podmanCapabilities,
} from "@galley/capabilities";
import { galleyError, type ProcessSpec } from "@galley/spec";
import type { Identity } from "../containers/accounts.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import type { CreateContainerOptions, ProcessOptions, SecurityOptions, Ulimit } from "../containers/options.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { initPlace } from "./container-mounts.ts";
import { containerHostname, type SpecParts } from "./container-spec.ts";

const defaultEnvironment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  TERM: "xterm",
  container: "galley",
};

/** The process of a new container. */
export function processSpec({ record, image, identity, host }: SpecParts): ProcessSpec {
  const { options } = record;
  const environment = containerEnvironment(record, image, identity);
  return {
    terminal: options.process?.terminal ?? false,
    user: { uid: identity.uid, gid: identity.gid, umask: 0o022, additionalGids: [...identity.additionalGids] },
    args: [...(options.process?.init ? [initPlace, "--"] : []), ...record.command],
    env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    cwd: options.process?.workingDirectory ?? (image.execution.WorkingDir || "/"),
    capabilities: containerCapabilities(options.security ?? {}, identity, host.capabilities),
    ...(record.labels?.process ? { selinuxLabel: record.labels.process } : {}),
    rlimits: (options.resources?.ulimits ?? []).map(rlimit),
    ...((options.security?.noNewPrivileges ?? false) ? { noNewPrivileges: true } : {}),
  };
}

function containerEnvironment(record: ContainerRecord, image: ImageRecord, identity: Identity): Record<string, string> {
  const given = record.options.process?.environment ?? {};
  const environment: Record<string, string> = { ...defaultEnvironment, ...imageEnvironment(image) };
  environment["HOSTNAME"] = containerHostname(record);
  environment["HOME"] ||= identity.home;
  return { ...environment, ...given };
}

function imageEnvironment(image: ImageRecord): Record<string, string> {
  const entries = (image.execution.Env ?? []).map((entry) => {
    const at = entry.indexOf("=");
    return at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
  });
  return Object.fromEntries(entries.filter(([name]) => name));
}

/** Capability names of the five sets, as the specification has them. */
export function containerCapabilities(
  security: SecurityOptions,
  identity: Identity,
  available: CapabilitySet,
): NonNullable<ProcessSpec["capabilities"]> {
  const asked = { add: security.addCapabilities ?? [], drop: security.dropCapabilities ?? [], available };
  const capabilities = adjustCapabilities(security.privileged ? knownCapabilities() : podmanCapabilities, asked);
  const requested = security.privileged ? capabilities : parseCapabilities(security.addCapabilities ?? []);
  const sets = capabilitySets({ capabilities, requested, uid: identity.uid });
  return Object.fromEntries(Object.entries(sets).map(([name, set]) => [name, capabilityNames(set)]));
}

function rlimit(limit: Ulimit): { type: string; soft: number; hard: number } {
  return { type: `RLIMIT_${limit.name.toUpperCase()}`, soft: limit.soft, hard: limit.hard };
}

/**
 * The command line of a container: entrypoint, then command; an entrypoint given by the user clears the image's command.
 *
 * @throws invalid engine.no-command
 */
export function containerCommand(options: CreateContainerOptions, image: ImageRecord): readonly string[] {
  const process: ProcessOptions = options.process ?? {};
  const entrypoint = process.entrypoint ?? image.execution.Entrypoint ?? [];
  const imageCommand = process.entrypoint === undefined ? (image.execution.Cmd ?? []) : [];
  const command = [...entrypoint, ...(process.command && process.command.length > 0 ? process.command : imageCommand)];
  if (command.length === 0 || command[0] === "") {
    throw galleyError(
      "invalid",
      "engine.no-command",
      "no command or entrypoint provided, and no CMD or ENTRYPOINT from image",
    );
  }
  return command;
}
