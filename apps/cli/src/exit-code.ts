import { isGalleyError } from "@galley/spec";

/** Exit codes of the command line itself, as podman has them; otherwise a container's own code is passed on. */
export const exitCodes = { engineError: 125, notExecutable: 126, commandNotFound: 127, signalBase: 128 } as const;

const byCode: Readonly<Record<string, number>> = {
  "runtime.not-executable": exitCodes.notExecutable,
  "runtime.command-not-found": exitCodes.commandNotFound,
};

/** SIGINT's number: an operation ended by ctrl-c ends as if by the signal. */
const interrupted = exitCodes.signalBase + 2;

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  if (!isGalleyError(error)) return exitCodes.engineError;
  return byCode[error.code] ?? (error.kind === "cancelled" ? interrupted : exitCodes.engineError);
}

/** `rm` and `rmi` say with 1 that something does not exist and with 2 that it is in use. */
export function removalExitCodeOf(error: unknown): number {
  if (isGalleyError(error, "not-found")) return 1;
  if (isGalleyError(error, "conflict")) return 2;
  return exitCodeOf(error);
}
