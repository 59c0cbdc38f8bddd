import { type Handover, type Mark, mark, type Slot, type Step, slot, stepper } from "@galley/plan";
import type { EmptyInput } from "./empty-input.ts";

const step = stepper("runtime");

/** How a process and its keeper are connected. */
export interface Streams {
  /** In the host lane before the clone. */
  readonly hostSteps: readonly Step[];
  /** In the process's lane, once its root is whole. */
  readonly processSteps: readonly Step[];
  /** In the host lane after the clone. */
  readonly afterClone: readonly Step[];
  /** The process's descriptors 0, 1 and 2. */
  readonly processDescriptors: readonly Handover[];
  /** The keeper's ends. */
  readonly keeperEnds: { readonly stdin?: Slot; readonly stdout?: Slot; readonly stderr?: Slot; readonly pty?: Slot };
}

/** A terminal that the process's lane opens. */
export interface OpenedTerminal {
  readonly steps: readonly Step[];
  readonly master: Slot;
  readonly peer: Slot;
}

/** A terminal of the container's own devpts; its master is handed to the host lane, which keeps it. */
export function terminalStreams(terminal: OpenedTerminal): Streams {
  const received = slot("terminal-keeper");
  const opened: Mark = mark("terminal");
  return {
    hostSteps: [],
    processSteps: [
      ...terminal.steps,
      step("controlTerminal", { terminal: terminal.peer }, "make it the controlling terminal"),
      step("tell", { mark: opened, slot: terminal.master }, "hand its master to the host lane"),
    ],
    afterClone: [step("await", { mark: opened, slot: received }, "take the terminal's master")],
    processDescriptors: [0, 1, 2].map((number) => ({ slot: terminal.peer, number })),
    keeperEnds: { pty: received },
  };
}

/** What pipes are made for. */
export interface PipeOptions {
  /** Keep standard input open; otherwise it is `empty`. */
  readonly stdin: boolean;
  readonly empty: EmptyInput;
  /** The pipes are this user's, who may then open /dev/stdout and its like again. */
  readonly uid: number;
}

/** Pipes between a process and its keeper. The keeper's ends close in the process by exec. */
export function pipeStreams({ stdin, empty, uid }: PipeOptions): Streams {
  const [stdinRead, stdinWrite] = [slot("stdin"), slot("stdin-keeper")];
  const [stdoutRead, stdoutWrite] = [slot("stdout-keeper"), slot("stdout")];
  const [stderrRead, stderrWrite] = [slot("stderr-keeper"), slot("stderr")];
  const ends = [...(stdin ? [stdinRead] : []), stdoutWrite, stderrWrite];
  return {
    hostSteps: [
      ...(stdin ? [] : empty.hostSteps),
      ...(stdin ? [step("pipe", { read: stdinRead, write: stdinWrite }, "make the pipe for standard input")] : []),
      step("pipe", { read: stdoutRead, write: stdoutWrite }, "make the pipe for standard output"),
      step("pipe", { read: stderrRead, write: stderrWrite }, "make the pipe for standard error"),
      ...(uid === 0 ? [] : ends.map((end) => giveStep(end, uid))),
    ],
    processSteps: stdin ? [] : empty.processSteps,
    afterClone: [],
    processDescriptors: [
      { slot: stdin ? stdinRead : empty.slot, number: 0 },
      { slot: stdoutWrite, number: 1 },
      { slot: stderrWrite, number: 2 },
    ],
    keeperEnds: { ...(stdin ? { stdin: stdinWrite } : {}), stdout: stdoutRead, stderr: stderrRead },
  };
}

/** chown(2) of a pipe; the group stays. */
function giveStep(end: Slot, uid: number): Step {
  return step(
    "attributes",
    { at: end, path: "", set: ["owner"], uid, gid: sameId },
    `give the pipe of ${end.slot} to user ${uid}`,
  );
}

/** chown(2): the id that changes nothing. */
const sameId = 0xffffffff;
