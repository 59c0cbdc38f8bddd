/** What the probe prints: see native/. Texts and link targets are "-2" and the like where they could not be read. */
export interface Report {
  readonly descriptors: Readonly<Record<string, DescriptorReport>>;
  readonly texts: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
  readonly process: Readonly<Record<string, number | string>>;
  readonly environment: readonly string[];
  readonly devices: Readonly<Record<string, FileReport>>;
  readonly paths: Readonly<Record<string, PathReport>>;
  /** Outcomes by number, for each convention in seccomp's words. */
  readonly calls?: Readonly<Record<string, readonly string[]>>;
  /** Calls that a filter judges by their arguments. */
  readonly judgedCalls?: Readonly<Record<string, JudgedCall>>;
}

/** A file as stat(2) has it. */
export interface FileReport {
  readonly kind: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly major?: number;
  readonly minor?: number;
  /** The file system that a device node lies on: "/dev", "/dev/pts" or "elsewhere". */
  readonly home?: string;
  readonly target?: string;
}

/** An open descriptor; the size is a terminal's. */
export interface DescriptorReport extends FileReport {
  readonly access: number;
  readonly closedByExec: number;
  readonly rows?: number;
  readonly columns?: number;
}

/** What can be done with a path; `seen` only where it could not be looked at. */
export interface PathReport extends Partial<FileReport> {
  readonly seen?: string;
  readonly read?: string;
  /** 1 when there is an entry or a byte in it. */
  readonly holds?: number;
  readonly write?: string;
}

/** One call with chosen arguments. */
export interface JudgedCall {
  readonly architecture: string;
  readonly number: number;
  readonly arguments: readonly number[];
  readonly outcome: string;
}

/**
 * Reads what the probe printed; a terminal has put a carriage return before the line's end.
 */
export function parseReport(printed: string): Report {
  return JSON.parse(printed.trim()) as Report;
}
