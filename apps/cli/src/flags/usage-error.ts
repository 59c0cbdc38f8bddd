import { galleyError } from "@galley/spec";

/** The code of errors after which the command's help is pointed to. */
export const usageCode = "cli.usage";

/** The command line cannot be understood. `hint` is one more line, such as "Did you mean --name?". */
export function usageError(message: string, hint?: string): Error {
  return galleyError("invalid", usageCode, message, hint === undefined ? {} : { details: { hint } });
}

/** A value that was understood to be wrong: an error without a pointer to the help. */
export function badValue(message: string): Error {
  return galleyError("invalid", "cli.bad-value", message);
}

/** Something that other engines can do and this one cannot yet. */
export function notYet(message: string): Error {
  return galleyError("unsupported", "cli.not-yet", message);
}
