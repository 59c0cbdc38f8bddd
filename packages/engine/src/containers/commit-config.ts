import type { ConfigChange } from "@galley/image";
import type { ExecutionConfig } from "@galley/spec";
import type { ContainerRecord } from "./container-record.ts";

type Config = { readonly [Key in keyof ExecutionConfig]?: ExecutionConfig[Key] | undefined };

/**
 * What a container was told to run, as an image's configuration: what its options say in place of what its image says. What the
 * engine gives every container (HOSTNAME, HOME, container) is not among it.
 */
export function commitConfig({ options }: ContainerRecord, image: ExecutionConfig): Config {
  const { command = [], entrypoint, user, workingDirectory } = options.process ?? {};
  return {
    ...image,
    // An entrypoint of the user's own clears the image's command.
    ...(entrypoint === undefined ? {} : { Entrypoint: listed(entrypoint), Cmd: undefined }),
    ...(command.length === 0 ? {} : { Cmd: [...command] }),
    ...(user === undefined ? {} : { User: user }),
    ...(workingDirectory === undefined ? {} : { WorkingDir: workingDirectory }),
    ...(options.life?.stopSignal === undefined ? {} : { StopSignal: options.life.stopSignal }),
  };
}

function listed(words: readonly string[]): string[] | undefined {
  return words.length === 0 ? undefined : [...words];
}

/** What is added to what the image has. */
export function commitChanges({ options }: ContainerRecord, withVolumes: boolean): ConfigChange[] {
  const volumes = withVolumes ? (options.files?.binds ?? []).map(({ containerPath }) => containerPath) : [];
  return [
    { type: "env", values: options.process?.environment ?? {} },
    ...(options.labels ? [{ type: "label", values: options.labels } as const] : []),
    ...(volumes.length > 0 ? [{ type: "volume", paths: volumes } as const] : []),
  ];
}
