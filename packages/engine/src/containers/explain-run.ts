import type { Plan } from "@galley/plan";
import { containerPlan } from "@galley/runtime";
import { isGalleyError, platformOf } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findImageEntry } from "../images/find-image.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { newLabels } from "./container-labels.ts";
import { containerLaunch } from "./container-launch.ts";
import { decideContainer } from "./new-container.ts";
import type { CreateContainerOptions } from "./options.ts";

/** What a run would do. */
export interface ExplainedRun {
  readonly plan: Plan;
  /** What had to be assumed. */
  readonly notes: readonly string[];
}

/**
 * The plan of a run, without performing or writing anything; works for any user. An image that is not in the store is taken
 * to ask for nothing and to have no layers.
 *
 * @example
 * const { plan } = await explainRun(engine, { image: "alpine", process: { command: ["sh"] } });
 * console.log(explain(plan));
 */
export async function explainRun(engine: Engine, options: CreateContainerOptions): Promise<ExplainedRun> {
  const found = lookUp(engine, options.image);
  const decided = decideContainer(options, found?.image ?? unknownImage(), found?.name ?? options.image);
  const { image } = decided;
  const record = { ...decided.record, id: explainedId, labels: newLabels(engine, options.security ?? {}) };
  const launch = await containerLaunch(engine, record, image, {
    stamp: "<boot id>",
    attached: true,
    accounts: image.accounts,
  });
  const assumed = `${options.image} is not in the store: shown without its layers and as if it asked for nothing`;
  return { plan: { ...containerPlan(launch).plan, title: `run ${record.imageName}` }, notes: found ? [] : [assumed] };
}

/** Stands for the id that a run would choose, so that the same question gets the same answer. */
const explainedId = "explained";

function lookUp(engine: Engine, name: string): { readonly image: ImageRecord; readonly name: string } | undefined {
  try {
    const { value, names } = findImageEntry(engine, name);
    return { image: value, name: names[0] ?? name };
  } catch (error) {
    if (
      isGalleyError(error) &&
      (error.kind === "not-found" || error.kind === "forbidden" || error.kind === "unavailable")
    )
      return undefined;
    throw error;
  }
}

function unknownImage(): ImageRecord {
  const nothing = { mediaType: "", digest: `sha256:${"0".repeat(64)}`, size: 0 } as ImageRecord["manifest"];
  return {
    id: "0".repeat(64),
    manifest: nothing,
    config: nothing,
    layers: [],
    sizeBytes: 0,
    createdAtMs: 0,
    platform: platformOf(process.arch),
    execution: { Cmd: ["sh"] },
    history: [],
    repositoryDigests: [],
    accounts: { passwd: "", group: "" },
  };
}
