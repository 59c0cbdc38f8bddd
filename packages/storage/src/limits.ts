/** How long the beginning of a transfer that broke off is kept for another attempt. */
export const partialKeepMs = 7 * 24 * 60 * 60 * 1000;
/** Bytes read from a blob at once. */
export const readChunkBytes = 256 * 1024;
/** Bytes of a blob that are gathered for one write, and how long they wait for more. */
export const gatherBytes = 512 * 1024;
export const gatherMs = 20;
/** Bytes of a blob that may wait to be written before their source has to wait. */
export const writeBehindBytes = 1024 * 1024;
/** Bytes after which what was written is sent to the disk, while more is coming. */
export const flushEveryBytes = 16 * 1024 * 1024;
/** Flushes at a time: each holds one of libuv's four threads. */
export const maxFlushes = 2;
/** Files of a layer from this size on are written directly, not carried as steps. */
export const spoolFromBytes = 256 * 1024;
/** Layers of one root; overlayfs itself refuses more (OVL_MAX_STACK). */
export const maxRootLayers = 500;
/** The longest value of one mount option: fsconfig(2) takes 256 bytes with the terminating NUL. */
export const maxMountOptionBytes = 255;
/** How long a process waits for another that unpacks the same layer before it does the work itself. */
export const layerWaitMs = 120_000;
/** First and last pause between two looks at another process's work. */
export const layerPollMs = { first: 20, last: 500 } as const;
/** How long a statement waits for another process's write transaction. */
export const busyTimeoutMs = 15_000;
/** One record's JSON text. */
export const maxRecordBytes = 8 * 1024 * 1024;
/** A key or a unique name of a record, in characters. */
export const maxRecordNameLength = 1024;
/** One layer's record file. */
export const maxLayerRecordBytes = 256 * 1024;
/** One lease file; a line names one digest. */
export const maxLeaseBytes = 4 * 1024 * 1024;
/** Trees removed by one plan. */
export const treesPerPlan = 64;
