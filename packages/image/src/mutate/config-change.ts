import { posix } from "node:path";
import type { ExecutionConfig } from "@galley/spec";

/** One instruction of a Dockerfile that changes how an image is run. */
export type ConfigChange =
  | { readonly type: "set"; readonly config: Partial<ExecutionConfig> }
  | { readonly type: "env"; readonly values: Readonly<Record<string, string>> }
  | { readonly type: "label"; readonly values: Readonly<Record<string, string>> }
  /** `8080/tcp` */
  | { readonly type: "expose"; readonly ports: readonly string[] }
  | { readonly type: "volume"; readonly paths: readonly string[] }
  /** Relative to the one before. */
  | { readonly type: "workdir"; readonly path: string }
  | { readonly type: "onbuild"; readonly instruction: string }
  /** A command line for the shell, which `SHELL` may change. */
  | { readonly type: "command"; readonly member: "Cmd" | "Entrypoint"; readonly line: string };

/**
 * An image's way of being run, changed.
 *
 * @example
 * applyChanges({ Env: ["A=1"] }, [parseChange("ENV A=2 B=3"), parseChange("WORKDIR /srv")]);
 * // { Env: ["A=2", "B=3"], WorkingDir: "/srv" }
 */
export function applyChanges(config: ExecutionConfig, changes: readonly ConfigChange[]): ExecutionConfig {
  return changes.reduce(changed, config);
}

const defaultShell = ["/bin/sh", "-c"];

function changed(config: ExecutionConfig, change: ConfigChange): ExecutionConfig {
  switch (change.type) {
    case "set":
      return { ...config, ...change.config };
    case "env":
      return { ...config, Env: withVariables(config.Env ?? [], change.values) };
    case "label":
      return { ...config, Labels: { ...config.Labels, ...change.values } };
    case "expose":
      return { ...config, ExposedPorts: withKeys(config.ExposedPorts, change.ports) };
    case "volume":
      return { ...config, Volumes: withKeys(config.Volumes, change.paths) };
    case "workdir":
      return { ...config, WorkingDir: posix.resolve("/", config.WorkingDir ?? "/", change.path) };
    case "onbuild":
      return { ...config, OnBuild: [...(config.OnBuild ?? []), change.instruction] };
    case "command":
      return { ...config, [change.member]: [...(config.Shell ?? defaultShell), change.line] };
  }
}

/** Sets variables where they are, new ones at the end. */
function withVariables(env: readonly string[], values: Readonly<Record<string, string>>): string[] {
  const left = new Map(Object.entries(values));
  const kept = env.map((entry) => {
    const name = entry.split("=", 1)[0] ?? "";
    const value = left.get(name);
    left.delete(name);
    return value === undefined ? entry : `${name}=${value}`;
  });
  return [...kept, ...[...left].map(([name, value]) => `${name}=${value}`)];
}

type KeySet = Record<string, Record<string, never>>;

function withKeys(set: KeySet | undefined, keys: readonly string[]): KeySet {
  return { ...set, ...Object.fromEntries(keys.map((key) => [key, {}])) };
}
