export { type FileSpool, type FileSpoolOptions, fileSpool } from "./file-spool.ts";
export { layoutFiles } from "./layout-files.ts";
export { type OpenArchiveAtOptions, type OpenedArchive, openArchiveAt, openArchiveStream } from "./open-archive-at.ts";
export { type OpenedFile, openByteFile } from "./open-byte-file.ts";
