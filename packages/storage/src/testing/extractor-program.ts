/**
 * A program: unpacks archives as the engine does, with the real reader and the real stage, and nothing else, so that its memory is
 * what unpacking takes. A message names the directory; the archive follows on descriptor 5 in frames, a length of four bytes before each,
 * 0 at the end; an answer tells what came of it.
 */
import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { decompress, defaultExpansion, layerSteps } from "@galley/image";
import type { Perform } from "@galley/plan";
import { compileSeccomp } from "@galley/seccomp";
import { isGalleyError, platformOf } from "@galley/spec";
import { perform } from "@galley/stage";
import { applyLayer } from "../layers/apply-layer.ts";
import { layerSystemCalls } from "../layers/layer-jail.ts";

/** What came of an archive. */
export interface ExtractorAnswer {
  /** Undefined when it was unpacked. */
  readonly refusal: { readonly code: string | undefined; readonly message: string } | undefined;
  /** The most that this program and any of its stages have ever held. */
  readonly nodeKiB: number;
  readonly stageKiB: number;
  /** Processes that are left; of a refused archive one may still be ending. */
  readonly children: string;
}

let stageKiB = 0;

/** 0 when it has ended already. */
function peakKiB(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Reads the peak of the program just before it ends. */
const watched: Perform = (plan, options) => {
  const performance = perform(plan, options);
  const end = () => {
    stageKiB = Math.max(stageKiB, peakKiB(performance.hostPid));
    performance.end();
  };
  return { ...performance, end };
};

const filter = compileSeccomp(
  { defaultAction: "SCMP_ACT_ERRNO", syscalls: [{ names: [...layerSystemCalls], action: "SCMP_ACT_ALLOW" }] },
  platformOf(process.arch),
);

async function unpack(archive: AsyncIterable<Uint8Array>, hostPath: string): Promise<ExtractorAnswer["refusal"]> {
  const tar = decompress(archive, { maxExpansion: defaultExpansion });
  const options = { perform: watched, spoolPath: `${hostPath}.spool`, filter };
  try {
    await applyLayer(hostPath, (root, spool) => layerSteps(tar, { root, spool }), options);
    return undefined;
  } catch (error) {
    return { code: isGalleyError(error) ? error.code : undefined, message: String(error) };
  }
}

const input = new Socket({ fd: 5 });
const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
let held: Buffer = Buffer.alloc(0);

/** At least one byte of at most so many; what is not used stays for the next. */
async function take(most: number): Promise<Buffer> {
  while (held.length === 0) {
    const { value, done } = await chunks.next();
    if (done) throw new Error("the input has ended");
    held = value;
  }
  const taken = held.subarray(0, most);
  held = held.subarray(taken.length);
  return taken;
}

async function frameBytes(): Promise<number> {
  const bytes: number[] = [];
  while (bytes.length < 4) bytes.push(...(await take(4 - bytes.length)));
  return Buffer.from(bytes).readUInt32LE();
}

async function* frames(): AsyncGenerator<Uint8Array> {
  for (let left = await frameBytes(); left > 0; left = await frameBytes())
    while (left > 0) {
      const some = await take(left);
      left -= some.length;
      yield some;
    }
}

async function answer(hostPath: string): Promise<void> {
  const archive = frames();
  // The rest of a refused archive is passed over, so it must not be closed with its reader.
  const refusal = await unpack({ [Symbol.asyncIterator]: () => ({ next: () => archive.next() }) }, hostPath);
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim();
  process.send?.({ refusal, nodeKiB: process.resourceUsage().maxRSS, stageKiB, children } satisfies ExtractorAnswer);
  for await (const _ of archive);
}

let turn = Promise.resolve();
process.on("message", (hostPath: string) => {
  turn = turn.then(() => answer(hostPath));
});
