import type { RuntimeSpec } from "@galley/spec";
import type { ImageRecord } from "../images/image-record.ts";
import { containerHostname } from "../spec/container-spec.ts";
import type { ContainerRecord } from "./container-record.ts";
import { containerStopSignal, defaultStopTimeoutS } from "./stop-signal.ts";

/** What a container's configuration is told from; either may be gone. */
export interface InspectedParts {
  readonly image: ImageRecord | undefined;
  readonly spec: RuntimeSpec | undefined;
}

/** The part of `inspect` that another host would need too. */
export function inspectConfig(record: ContainerRecord, { image, spec }: InspectedParts) {
  const { options } = record;
  const { process = {}, life = {} } = options;
  const entrypoint = process.entrypoint ?? image?.execution.Entrypoint ?? [];
  return {
    Hostname: containerHostname(record),
    Domainname: "",
    User: process.user ?? image?.execution.User ?? "",
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: process.terminal ?? false,
    OpenStdin: process.openStdin ?? false,
    StdinOnce: false,
    Env: [
      ...(spec?.process?.env ?? Object.entries(process.environment ?? {}).map(([name, value]) => `${name}=${value}`)),
    ],
    Cmd: record.command.slice(entrypoint.length),
    Image: record.imageName,
    Volumes: null,
    WorkingDir: process.workingDirectory ?? (image?.execution.WorkingDir || "/"),
    Entrypoint: entrypoint.join(" "),
    OnBuild: null,
    Labels: { ...image?.execution.Labels, ...options.labels },
    Annotations: { ...spec?.annotations },
    StopSignal: containerStopSignal(record, image),
    Umask: "0022",
    Timeout: 0,
    StopTimeout: life.stopTimeoutS ?? defaultStopTimeoutS,
  };
}
