import type { ForgedArchive } from "../forge/forge-archive.ts";
import type { TreeLines } from "./read-tree.ts";
import type { TransportName } from "./transports.ts";

/** An archive with a name and, unless all three plain ways, how it travels. */
export interface NamedArchive extends ForgedArchive {
  /** What is odd about it, as a phrase. */
  readonly name: string;
  /** Plain, gzip and zstd when left out. */
  readonly transports?: readonly TransportName[];
}

/** An archive that every engine must unpack, to exactly this. */
export interface BenignArchive extends NamedArchive {
  /** All names with what they must be, as `readTree` tells; left out, the root is as it was made. */
  readonly tree: TreeLines;
}

/**
 * An archive that was made to break out, to break down or to deceive. An extractor passes when it refuses it or keeps the effect
 * inside; which of both Galley does, and how, is `expected`. "anything" is for effects that depend on the host; refusal passes, too.
 */
export interface HostileArchive extends NamedArchive {
  /** The vulnerability or the class of them that it stands for. */
  readonly standsFor: string;
  readonly expected: { readonly refused: string } | { readonly contained: TreeLines | "anything" };
}

/** A hostile or a benign archive. */
export type ArchiveCase = BenignArchive | HostileArchive;
