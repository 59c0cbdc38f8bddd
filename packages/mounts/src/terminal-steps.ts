import { type Slot, type Step, slot, stepper } from "@galley/plan";
import { type DevPlace, openDev } from "./device-steps.ts";

const step = stepper("mounts");

/** A terminal of the container. */
export interface Terminal {
  readonly steps: readonly Step[];
  /** For whoever relays it. */
  readonly master: Slot;
  /** For standard input, output and error, and as the controlling terminal. */
  readonly peer: Slot;
}

/** What {@link terminalSteps} needs to know. */
export interface TerminalOptions extends DevPlace {
  /** The container's own new devpts, which nobody has used yet. */
  readonly pts: Slot;
  readonly rows?: number;
  readonly columns?: number;
  /** The user that the program runs as; gid 5 is `tty` nearly everywhere. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** In a container that already runs its console is bound and only a terminal is wanted. */
  readonly console?: boolean;
}

/**
 * Opens a pseudo-terminal in the container's own devpts and binds it on /dev/console. The peer comes from the master, not
 * from a path, and in a fresh devpts the first terminal is number 0: nothing here can be swapped (CVE-2025-52565).
 * To run after devices and links, before the pivot.
 *
 * @example
 * const { steps, master, peer } = terminalSteps({ root, dev, pts, rows: 24, columns: 80 });
 */
export function terminalSteps(options: TerminalOptions): Terminal {
  const master = slot("terminal master");
  const peer = slot("terminal");
  const { pts, rows = 0, columns = 0, owner } = options;
  const open = step("terminal", { at: pts, path: "ptmx", rows, columns, master, peer }, "open a terminal");
  const give = owner
    ? [
        step(
          "attributes",
          { at: peer, path: "", set: ["owner"], ...owner },
          `give the terminal to ${owner.uid}:${owner.gid}`,
        ),
      ]
    : [];
  return { steps: [open, ...give, ...((options.console ?? true) ? consoleSteps(options) : [])], master, peer };
}

function consoleSteps(options: TerminalOptions): readonly Step[] {
  const { dev, steps } = openDev(options);
  const terminal = slot("console");
  return [
    ...steps,
    step("openTree", { at: options.pts, path: "0", out: terminal }, "take the terminal"),
    step(
      "mknod",
      {
        at: dev,
        path: "console",
        mode: 0o100666,
        major: 0,
        minor: 0,
        ...(options.dev ? {} : { flags: ["replace"] as const }),
      },
      "make an empty file /dev/console",
      { ok: ["EEXIST"] },
    ),
    step("moveMount", { mount: terminal, at: dev, path: "console" }, "bind the terminal on /dev/console"),
  ];
}
