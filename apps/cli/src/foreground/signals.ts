import { constants } from "node:os";
import { exitCodes } from "../exit-code.ts";

/** Signals that are handed on to the container. */
const proxied = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCONT"] as const;

/** Signals that end us while our terminal is raw; keys do not raise them then. */
const ending = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

type Handler = (name: NodeJS.Signals) => void;

/**
 * Catches the signals that are for the container. Those that come before `deliver` is known are kept for it.
 * Dispose of it to have them mean what they usually mean.
 */
export interface SignalProxy extends Disposable {
  deliverTo(deliver: Handler): void;
}

/** Starts to catch signals for a container. */
export function catchSignals(): SignalProxy {
  const early: NodeJS.Signals[] = [];
  let deliver: Handler = (name) => void early.push(name);
  const listener: Handler = (name) => deliver(name);
  for (const name of proxied) process.on(name, listener);
  return {
    deliverTo(next) {
      deliver = next;
      for (const name of early.splice(0)) next(name);
    },
    [Symbol.dispose]() {
      for (const name of proxied) process.off(name, listener);
    },
  };
}

/** With a raw terminal: ends us in a way that restores it, which SIGHUP's own way does not. The container goes on. */
export function exitOnSignals(): Disposable {
  const listener: Handler = (name) => process.exit(exitCodes.signalBase + constants.signals[name]);
  for (const name of ending) process.on(name, listener);
  return {
    [Symbol.dispose]() {
      for (const name of ending) process.off(name, listener);
    },
  };
}
