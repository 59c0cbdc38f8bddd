import type { RuntimeSpec } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { specHost } from "../host.ts";
import { type ImageRecord, imageRecords } from "../images/image-record.ts";
import { containerSpec } from "../spec/container-spec.ts";
import { resolveUser } from "./accounts.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import type { ContainerRecord } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";
import { generatedFiles } from "./generated-files.ts";
import { inspectConfig } from "./inspect-config.ts";
import { inspectHostConfig } from "./inspect-host-config.ts";
import { inspectMounts } from "./inspect-mounts.ts";
import { inspectState } from "./inspect-state.ts";

/** What `inspectContainer` tells: JSON in podman's words. */
export type InspectedContainer = ReturnType<typeof inspectContainer>;

/**
 * Everything about a container, named as podman's `container inspect` names it. What podman says and Galley has not (ids of
 * networks, ports, devices) is left out, or empty where programs rely on it. An exit code that nobody saw is null, never 0.
 *
 * @throws not-found engine.container-unknown; conflict engine.container-ambiguous
 *
 * @example
 * const { State, Config } = inspectContainer(engine, "web");
 * console.log(State.Status, State.ExitCode, Config.Env);
 */
export function inspectContainer(engine: Engine, nameOrId: string) {
  const record = findContainer(engine, nameOrId);
  const image = imageRecords(engine).get(record.imageId)?.value;
  const spec = image && specOf(engine, record, image);
  const capabilities = spec?.process?.capabilities;
  const [path = "", ...args] = record.command;
  return {
    Id: record.id,
    Created: new Date(record.createdAtMs).toISOString(),
    Path: path,
    Args: args,
    State: inspectState(containerState(engine, record), record),
    Image: record.imageId,
    ImageDigest: image?.manifest.digest ?? "",
    ImageName: record.imageName,
    Rootfs: "",
    Pod: "",
    ...paths(engine, record),
    OCIRuntime: "galley-runtime",
    Name: record.name,
    RestartCount: 0,
    Driver: "overlay",
    MountLabel: spec?.linux?.mountLabel ?? "",
    ProcessLabel: spec?.process?.selinuxLabel ?? "",
    AppArmorProfile: spec?.process?.apparmorProfile ?? "",
    EffectiveCaps: [...(capabilities?.effective ?? [])],
    BoundingCaps: [...(capabilities?.bounding ?? [])],
    GraphDriver: { Name: "overlay", Data: directories(engine, record, image) },
    Mounts: inspectMounts(record),
    Dependencies: [],
    NetworkSettings: { IPAddress: "", IPPrefixLen: 0, Gateway: "", MacAddress: "", Ports: {}, SandboxKey: "" },
    IsInfra: false,
    IsService: false,
    Config: inspectConfig(record, { image, spec }),
    HostConfig: inspectHostConfig(engine, record, spec),
  };
}

/** The specification as a start would make it now, short of system call filters; undefined where there could be none. */
function specOf(engine: Engine, record: ContainerRecord, image: ImageRecord): RuntimeSpec | undefined {
  const user = record.options.process?.user ?? image.execution.User ?? "";
  try {
    const identity = resolveUser(user, image.accounts);
    const files = generatedFiles(engine, record);
    return containerSpec({ record, image, identity, files, seccompProfile: undefined, host: specHost() });
  } catch {
    return undefined; // a user that the image does not list, an init that is not built: told when it is started
  }
}

function paths(engine: Engine, record: ContainerRecord) {
  const { keepDirectory } = containerPlaces(engine, record.id);
  const made = (name: string): string => `${keepDirectory}/${name}`;
  const host = record.options.network === "host";
  return {
    ResolvConfPath: host ? made("resolv.conf") : "",
    HostnamePath: host ? "" : made("hostname"),
    HostsPath: made("hosts"),
    StaticDir: keepDirectory,
    LogPath: made(fileNames.log),
  };
}

function directories(engine: Engine, record: ContainerRecord, image: ImageRecord | undefined) {
  const { containers, layers } = engine.storage;
  const { upper, work } = containers.tree(record.id);
  const lower = (image?.layers ?? []).toReversed().map(({ chainId }) => layers.treePath(chainId));
  return { LowerDir: lower.join(":"), UpperDir: upper, WorkDir: work };
}
