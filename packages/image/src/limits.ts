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

/** One extended header (pax, GNU long name), as in Go's archive/tar. */
export const maxExtendedHeaderBytes = 1024 * 1024;
/** Pieces of one sparse file. */
export const maxSparsePieces = 65_536;
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
/** Chunks that streams are read and (de)compressed in. */
export const chunkBytes = 256 * 1024;
/** Manifests, indexes, configs: what registries must take (distribution-spec). */
export const maxDocumentBytes = 4 * 1024 * 1024;
/** An index in an index in an index. */
export const maxIndexDepth = 3;
/** Blobs of one copy at a time, when nothing else is said. */
export const defaultConcurrency = 4;
