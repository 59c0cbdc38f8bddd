import type { Slot, Step } from "@galley/plan";
import { galleyError } from "@galley/spec";
import type { FileChange, StepMaker } from "./change-steps.ts";
import type { LayerChange } from "./layer-change.ts";

/** Where the content of large files is written without being carried as steps, see `LayerStepsOptions.spool`. */
export interface LayerSpool {
  /** Files of this size and above go there. */
  readonly fromBytes: number;
  /** Begins a file; one at a time. */
  create(): Promise<SpooledFile>;
}

/** A file in the making; steps find it as `name` in the directory that the slot will hold. */
export interface SpooledFile {
  readonly directory: Slot;
  readonly name: string;
  /** Resolves when it is written: the bytes may change then. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Passes over bytes that read as zeros. */
  hole(sizeBytes: number): void;
  /** Resolves when the file is whole and closed. */
  end(): Promise<void>;
}

/** Large files on their way. */
export interface LargeFiles {
  /** Whether a change is part of a large file. */
  takes(change: LayerChange): boolean;
  /** The steps that are due, most often none. */
  take(change: LayerChange): Promise<Step[]>;
}

/** Sends the content of large files to the spool and says how they come to their places. */
export function createLargeFiles(spool: LayerSpool, maker: StepMaker): LargeFiles {
  let open: { readonly change: FileChange; readonly file: SpooledFile } | undefined;
  const begin = async (change: FileChange): Promise<Step[]> => {
    open = { change, file: await spool.create() };
    return [];
  };
  const end = async ({ change, file }: NonNullable<typeof open>): Promise<Step[]> => {
    open = undefined;
    await file.end();
    return maker.broughtSteps(change, file);
  };
  return {
    takes: (change) => open !== undefined || (change.type === "file" && change.sizeBytes >= spool.fromBytes),
    take: async (change) => {
      if (change.type === "file") return begin(change);
      if (!open) throw galleyError("internal", "image.large-file", "a file goes on that did not begin");
      if (change.type === "fileEnd") return end(open);
      if (change.type === "data") await open.file.write(change.bytes);
      if (change.type === "hole") open.file.hole(change.sizeBytes);
      return [];
    },
  };
}
