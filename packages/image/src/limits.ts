/** Bounds of one layer. */
export interface LayerLimits {
  readonly maxEntries: number;
  /** Kept in memory until their times are set, at the end. */
  readonly maxDirectories: number;
  /** Bytes of the archive, uncompressed. */
  readonly maxArchiveBytes: number;
}

/** The bounds that hold unless others are given: far above every image we know of, far below what hurts. */
export const defaultLayerLimits: LayerLimits = {
  maxEntries: 8_000_000,
  maxDirectories: 500_000,
  maxArchiveBytes: 2 ** 40,
};

/**
 * A layer may grow to so many bytes whatever its compressed size; beyond, to so many times of it. Real layers reach 20; what is made to
 * fill a disk reaches hundreds (gzip) or many thousands (zstd). For `decompress`.
 */
export const defaultExpansion = { floorBytes: 512 * 1024 * 1024, ratio: 100 } as const;

/** One extended header (pax, GNU long name), as in Go's archive/tar. */
export const maxExtendedHeaderBytes = 1024 * 1024;
/** Pieces of one sparse file. */
export const maxSparsePieces = 65_536;
/** Of a map that lies before the content: two numbers and their line feeds for each piece. */
export const maxSparseMapBytes = maxSparsePieces * 32;
/** PATH_MAX without the NUL. */
export const maxPathBytes = 4095;
/** NAME_MAX. */
export const maxNameBytes = 255;
/** Owner ids above are refused as other engines do: they turn negative in 32-bit programs. */
export const maxOwnerId = 2 ** 31 - 1;
/** Bits of Linux's device numbers (makedev(3)): 12 and 20. */
export const maxDeviceMajor = 2 ** 12 - 1;
export const maxDeviceMinor = 2 ** 20 - 1;
/** XATTR_SIZE_MAX and XATTR_NAME_MAX. */
export const maxXattrBytes = 65_536;
export const maxXattrNameBytes = 255;
/** The most bytes in one data step. */
export const maxDataBytes = 256 * 1024;
/** A batch ends with the change that brings it to so many steps: names of 4 KiB in 2,000 directories each make many of one chunk. */
export const maxBatchSteps = 1024;
/** Chunks that streams are read and (de)compressed in. */
export const chunkBytes = 256 * 1024;
/** Chunks that come out of decompression. */
export const decodedChunkBytes = 512 * 1024;
/** Manifests, indexes, configs: what registries must take (distribution-spec). */
export const maxDocumentBytes = 4 * 1024 * 1024;
/** An index in an index in an index. */
export const maxIndexDepth = 3;
/** Blobs of one copy at a time, when nothing else is said. */
export const defaultConcurrency = 4;
/** Entries of an archive of images: blobs, not files. */
export const maxArchiveEntries = 200_000;
/** Images in an archive that has no index of its own, and layers of all of them. */
export const maxArchiveImages = 4096;
export const maxArchiveLayers = 65_536;
/** Links from entry to entry of an archive, as deep as the kernel follows symbolic ones (path_resolution(7)). */
export const maxLinkHops = 40;
