import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { defaultProfile, resolveProfile } from "@galley/seccomp";
import type { RuntimeSpec, SeccompSpec } from "@galley/spec";
import { command, commandWithPipes, commandWithTerminal } from "./command.ts";
import { removeControlGroups } from "./control-groups.ts";
import { openPodman } from "./podman-store.ts";
import { probeArguments } from "./probe-arguments.ts";
import { parseReport, type Report } from "./report.ts";
import type { Scenario } from "./scenarios.ts";

/** Runs the probe; the profile of podman itself takes the place of Galley's where asked for. */
export type RunProbe = (scenario: Scenario, options?: { readonly ownProfile?: boolean }) => Promise<Report>;

/** Runs the probe under runc with the specification that podman makes for the same flags. */
export async function runcRunner(folder: string, layerPath: string): Promise<{ run: RunProbe } & AsyncDisposable> {
  const podman = await openPodman(folder, layerPath);
  return {
    run: async (scenario, { ownProfile = false } = {}) => {
      await using container = await podman.prepare(scenario.podman);
      const spec = ownProfile ? container.spec : withDefaultProfile(container.spec);
      await using runc = await openBundle(folder, spec);
      return parseReport(scenario.exec ? await runc.exec() : await runc.run(probeArguments(scenario)));
    },
    [Symbol.asyncDispose]: () => podman[Symbol.asyncDispose](),
  };
}

/** Galley's profile, resolved as Galley does: then a different outcome is the filter's doing, not the profile's. */
function withDefaultProfile(spec: RuntimeSpec): RuntimeSpec {
  if (!spec.linux?.seccomp) return spec;
  const capabilities = spec.process?.capabilities?.bounding ?? [];
  const surroundings = { architecture: "amd64", capabilities, kernelVersion: release() };
  return { ...spec, linux: { ...spec.linux, seccomp: resolveProfile(defaultProfile, surroundings) as SeccompSpec } };
}

interface Bundle extends AsyncDisposable {
  run(words: readonly string[]): Promise<string>;
  exec(): Promise<string>;
}

async function openBundle(folder: string, spec: RuntimeSpec): Promise<Bundle> {
  const id = `galley-probe-${randomBytes(4).toString("hex")}`;
  const bundle = join(folder, id);
  await mkdir(bundle);
  const runc = ["--root", join(folder, "runc")];
  const write = (words: readonly string[]): Promise<void> =>
    writeFile(join(bundle, "config.json"), JSON.stringify(runnable(spec, words, id)));
  const start = ["run", "--detach", "--bundle", bundle];
  const terminal = spec.process?.terminal ?? false;
  return {
    run: async (words) => {
      await write(words);
      if (terminal) return commandWithTerminal("runc", [...runc, "run", "--bundle", bundle, id]);
      return commandWithPipes("runc", [...runc, ...start, id]);
    },
    exec: async () => {
      await writeFile(join(bundle, "config.json"), JSON.stringify(withoutTerminal(runnable(spec, ["wait"], id))));
      await command("sh", ["-c", '"$@" </dev/null >/dev/null 2>&1', "sh", "runc", ...runc, ...start, id]);
      const words = probeArguments();
      if (terminal) return commandWithTerminal("runc", [...runc, "exec", "--tty", id, "/probe", ...words]);
      return commandWithPipes("runc", [...runc, "exec", "--detach", id, "/probe", ...words]);
    },
    [Symbol.asyncDispose]: async () => {
      await command("runc", [...runc, "delete", "--force", id]).catch(() => {}); // one that was run in front has gone by itself
      removeControlGroups(id);
    },
  };
}

/** Podman's specification for other words, with limits that this host allows and a control group that is easy to find. */
function runnable(spec: RuntimeSpec, words: readonly string[], id: string): RuntimeSpec {
  const process = { ...spec.process, args: ["/probe", ...words], rlimits: [] } as NonNullable<RuntimeSpec["process"]>;
  return { ...spec, process, linux: { ...spec.linux, cgroupsPath: `/${id}` } };
}

function withoutTerminal(spec: RuntimeSpec): RuntimeSpec {
  return { ...spec, process: { ...spec.process, terminal: false } as NonNullable<RuntimeSpec["process"]> };
}
