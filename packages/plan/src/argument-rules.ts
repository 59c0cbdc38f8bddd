import { limits } from "./limits.ts";
import type { Found, Rule } from "./rules.ts";
import type { Step } from "./step.ts";

/** A rule that looks at one step at a time; `wrong` says what is wrong with it. */
function each(name: string, wrong: (step: Step) => string | undefined): Rule {
  return {
    name,
    find: (lanes) =>
      lanes.flatMap((lane) =>
        lane.steps.flatMap((step, index): Found[] => {
          const message = wrong(step);
          return message === undefined ? [] : [{ lane: lane.lane, step: index + 1, message: `${step.op}: ${message}` }];
        }),
      ),
  };
}

/** Rules about the arguments of single steps, where the types cannot say them. */
export const argumentRules: readonly Rule[] = [
  each("a descriptor number is given once", givenTwice),
  each("attributes have values for what they set", withoutValue),
  each("mount options fit", tooLong),
];

function givenTwice(step: Step): string | undefined {
  if (step.op !== "exec") return undefined;
  const numbers = step.args.descriptors.map((handover) => handover.number);
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  return twice === undefined ? undefined : `descriptor ${twice} is given twice`;
}

/** An argument that is left out counts as 0: the owner would become root, the time 1970. */
function withoutValue(step: Step): string | undefined {
  if (step.op !== "attributes") return undefined;
  const { set, uid, gid, mode, seconds } = step.args;
  const valued = {
    owner: uid !== undefined && gid !== undefined,
    mode: mode !== undefined,
    times: seconds !== undefined,
  };
  const missing = set.find((name) => !valued[name]);
  return missing === undefined ? undefined : `sets ${missing} without a value for it`;
}

/** fsconfig(2) takes strings of up to 255 bytes. */
function tooLong(step: Step): string | undefined {
  if (step.op !== "newFileSystem") return undefined;
  const over = step.args.options.find((option) => Buffer.byteLength(optionValue(option)) > limits.mountOptionBytes);
  return over === undefined
    ? undefined
    : `an option has more than ${limits.mountOptionBytes} bytes: ${over.slice(0, 40)}...`;
}

function optionValue(option: string): string {
  return option.slice(option.indexOf("=") + 1);
}
