import { type Duplex, duplexPair, PassThrough } from "node:stream";
import type { Lane, Mark, Perform, PerformOptions, Plan } from "@galley/plan";

/** What a recorder is to play. */
export interface Played {
  /** How the performance ends; well when left out. */
  readonly ended?: Promise<void>;
  /** What the keeper says on its ready stream before it closes. */
  readonly ready?: Uint8Array;
  readonly pid?: Promise<number>;
  readonly told?: (mark: Mark) => Promise<void>;
}

/** A `Perform` that performs nothing. */
export interface Recorder {
  readonly perform: Perform;
  readonly performed: { readonly plan: Plan; readonly options: PerformOptions }[];
  readonly told: Mark[];
  readonly asked: Lane[];
  /** The attached client's stream, as it is handed out. */
  readonly client: Duplex;
  /** Its other end, where a keeper would be. */
  readonly keeper: Duplex;
}

/** Records what is performed, and answers as told. */
export function recorder({
  ended = Promise.resolve(),
  ready = Uint8Array.of(1),
  pid = Promise.resolve(4711),
  told = async () => {},
}: Played = {}): Recorder {
  const performed: Recorder["performed"] = [];
  const tells: Mark[] = [];
  const asked: Lane[] = [];
  const [client, keeper] = duplexPair();
  ended.catch(() => {});
  pid.catch(() => {});
  const perform: Perform = (plan, options = {}) => {
    performed.push({ plan, options });
    const pipes = (options.inherit ?? []).flatMap((entry, index) => (entry === "pipe" ? [index] : []));
    const says = new PassThrough();
    says.end(ready);
    return {
      pid: (lane) => {
        asked.push(lane);
        return pid;
      },
      told,
      tell: (mark) => void tells.push(mark),
      content: () => undefined,
      send: async () => {},
      end: () => {},
      ended,
      streams: new Map<number, Duplex>(pipes.map((index) => [index, index === 5 ? client : says])),
      hostPid: 4710,
    };
  };
  return { perform, performed, told: tells, asked, client, keeper };
}
