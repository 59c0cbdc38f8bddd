import { join } from "node:path";
import { type Engine, execInContainer, openEngine, pullImage, removeContainer, runContainer } from "@galley/engine";
import { keeperPath } from "@galley/keeper";
import { perform } from "@galley/stage";
import { probeArguments } from "./probe-arguments.ts";
import { serveProbe } from "./probe-image.ts";
import { parseReport, type Report } from "./report.ts";
import type { Scenario } from "./scenarios.ts";

/** Runs the probe under Galley: pulled from a registry, run by the engine. */
export async function galleyRunner(
  folder: string,
  layer: Uint8Array,
): Promise<{ run: (scenario: Scenario) => Promise<Report> } & Disposable> {
  await using registry = await serveProbe(layer);
  const places = { root: join(folder, "root"), runroot: join(folder, "run") };
  const engine = openEngine(places, { perform, keeperPath });
  await pullImage(engine, registry.image);
  return {
    run: async (scenario) => parseReport(await (scenario.exec ? runExec : run)(engine, registry.image, scenario)),
    [Symbol.dispose]: () => engine[Symbol.dispose](),
  };
}

async function run(engine: Engine, image: string, scenario: Scenario): Promise<string> {
  const { galley } = scenario;
  const output = collector();
  const command = ["/probe", ...probeArguments(scenario)];
  const options = { ...galley, image, process: { ...galley.process, command }, life: { autoRemove: true } };
  const container = await runContainer(engine, options, { attach: output });
  await container.finish();
  return output.text();
}

async function runExec(engine: Engine, image: string, { galley }: Scenario): Promise<string> {
  const output = collector();
  const container = await runContainer(engine, { image, process: { command: ["/probe", "wait"] } });
  try {
    const command = ["/probe", ...probeArguments()];
    const terminal = galley.process?.terminal ?? false;
    const started = await execInContainer(engine, container.id, { command, terminal, attach: output });
    await started.finish();
    return output.text();
  } finally {
    await removeContainer(engine, container.id, { force: true, timeoutS: 0 });
  }
}

function collector(): { onOutput: (stream: string, bytes: Uint8Array) => void; text: () => string } {
  const chunks: Uint8Array[] = [];
  const errors: Uint8Array[] = [];
  return {
    onOutput: (stream, bytes) => void (stream === "stdout" ? chunks : errors).push(bytes.slice()),
    text: () => {
      if (errors.length > 0) throw new Error(`the probe said: ${Buffer.concat(errors).toString()}`);
      return Buffer.concat(chunks).toString();
    },
  };
}
