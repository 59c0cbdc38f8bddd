export {
  type Attachment,
  type AttachOptions,
  type AttachWants,
  attach,
  type OutputStream,
  type TerminalSize,
} from "./attach.ts";
export { connectAttach } from "./connect-attach.ts";
export { type ExitRecord, parseExitRecord } from "./exit-record.ts";
export { type KeeperDescriptors, type KeeperOptions, keeperArguments } from "./keeper-arguments.ts";
export { initPath, keeperPath } from "./keeper-path.ts";
export { type LogLine, parseLogLine } from "./log-line.ts";
export { type PidRecord, parsePidRecord } from "./pid-record.ts";
export { type LogReader, type ReadLogOptions, readLog } from "./read-log.ts";
