import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Perform } from "@galley/plan";
import { onTestFinished } from "vitest";
import { type Engine, type EnginePorts, openEngine } from "../engine.ts";
import { recorder } from "./recorder.ts";

/** An engine with places of its own, gone after the test. Without other ports it performs nothing but removals. */
export async function scratchEngine(ports: Partial<EnginePorts> = {}): Promise<Engine> {
  const directory = await mkdtemp(join(tmpdir(), "galley-engine-"));
  const engine = engineIn(directory, ports);
  onTestFinished(async () => {
    engine[Symbol.dispose]();
    await rm(directory, { recursive: true, force: true });
  });
  return engine;
}

/** One more engine over the same places, as another process would have it. */
export function secondEngine({ places, ports }: Engine, perform: Perform = ports.perform): Engine {
  const engine = openEngine(places, { ...ports, perform });
  onTestFinished(() => engine[Symbol.dispose]());
  return engine;
}

function engineIn(directory: string, ports: Partial<EnginePorts>): Engine {
  const usual: EnginePorts = {
    perform: recorder().perform,
    keeperPath: () => "/programs/keeper",
    initPath: () => "/programs/init",
  };
  return openEngine({ root: `${directory}/root`, runroot: `${directory}/run` }, { ...usual, ...ports });
}
