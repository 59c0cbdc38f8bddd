import type { Flag } from "./flag.ts";
import { notYet } from "./usage-error.ts";

/** A flag of other engines that would change what happens: whoever gives it is told that it cannot be had. `what` begins the sentence. */
export function unsupportedFlag(what: string, placeholder = "VALUE"): Flag<undefined> {
  return {
    help: "Not supported yet",
    placeholder,
    hidden: true,
    read: (texts) => {
      if (texts.length > 0) throw notYet(`${what} not supported yet`);
      return undefined;
    },
  };
}
