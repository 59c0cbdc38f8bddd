/** The largest payload of one attach frame; `FRAME_MAX` of the C program. */
export const maximalFrameBytes = 64 * 1024;

/** `--read` and `--rmdir` arguments the C program has room for. */
export const maximalReads = 16;
export const maximalRemovedDirectories = 32;

/** A record file larger than this is not ours: the exit record is one frame at most. */
export const maximalRecordBytes = maximalFrameBytes;

/** The longest log line we look at: the keeper cuts at 16 KiB, other writers of the format at 64 KiB. */
export const maximalLogLineBytes = 256 * 1024;

/** sun_path of unix(7), without the final NUL. */
export const maximalSocketPathBytes = 107;
