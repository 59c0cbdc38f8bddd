import type { ContainerLabels } from "@galley/selinux";
import type { Collection } from "@galley/storage";
import type { Engine } from "../engine.ts";
import type { ProcessIdentity } from "../host.ts";
import type { CreateContainerOptions } from "./options.ts";

/** How a container ended. */
export interface ContainerExit {
  /** 0 to 255, 128 + n for signal n; left out when nobody saw it. */
  readonly code?: number;
  readonly finishedAtMs?: number;
  readonly outOfMemory: boolean;
}

/** One attempt to run a container. */
export interface ContainerStart {
  /** Copied by the keeper into its records, so that those of another start or boot are not taken for this one's. */
  readonly stamp: string;
  readonly startedAtMs: number;
  /** Who is starting it, until the keeper has taken over. */
  readonly starter: ProcessIdentity;
}

/** What is known of a container; what runs is in the keeper's records. */
export interface ContainerRecord {
  /** 64 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  /** The image as it is called. */
  readonly imageName: string;
  readonly createdAtMs: number;
  readonly options: CreateContainerOptions;
  /** SELinux labels, none where SELinux is off. */
  readonly labels?: ContainerLabels;
  /** The full command line, decided at creation. */
  readonly command: readonly string[];
  readonly start?: ContainerStart;
  /** Of the last start, once somebody looked. */
  readonly exit?: ContainerExit;
  /** Somebody has begun to remove it: it cannot be started any more. */
  readonly removing?: true;
}

/** The containers' records; a container's name is the record's unique name. */
export function containerRecords(engine: Engine): Collection<ContainerRecord> {
  return engine.storage.records.collection<ContainerRecord>("containers");
}
