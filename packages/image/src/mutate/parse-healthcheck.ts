import type { Healthcheck } from "@galley/spec";

const durations: Readonly<Record<string, "Interval" | "Timeout" | "StartPeriod" | "StartInterval">> = {
  interval: "Interval",
  timeout: "Timeout",
  "start-period": "StartPeriod",
  "start-interval": "StartInterval",
};

/** Reads what follows HEALTHCHECK: `NONE`, or options and `CMD` with a command line or a JSON list. */
export function parseHealthcheck(
  value: string,
  jsonStrings: (text: string) => string[] | undefined,
  fail: (why: string) => Error,
): Healthcheck {
  const [, flags = "", name = "", rest = ""] =
    /^((?:--[a-z-]+=\S+\s+)*)([A-Za-z]+)(?:\s+([\s\S]*))?$/.exec(value) ?? [];
  if (name.toUpperCase() === "NONE" && rest === "" && flags === "") return { Test: ["NONE"] };
  if (name.toUpperCase() !== "CMD" || rest.trim() === "") throw fail("HEALTHCHECK takes NONE or CMD with a command");
  const list = jsonStrings(rest);
  const test: Healthcheck = { Test: list ? ["CMD", ...list] : ["CMD-SHELL", rest.trim()] };
  const options = flags
    .split(/\s+/)
    .filter(Boolean)
    .map((flag) => option(flag, fail));
  return Object.assign(test, ...options);
}

function option(flag: string, fail: (why: string) => Error): Partial<Healthcheck> {
  const [, name = "", value = ""] = /^--([a-z-]+)=(.*)$/.exec(flag) ?? [];
  if (name === "retries" && /^\d{1,9}$/.test(value)) return { Retries: Number(value) };
  const member = Object.hasOwn(durations, name) ? durations[name] : undefined;
  const time = nanoseconds(value);
  if (member && time !== undefined) return { [member]: time };
  throw fail(`HEALTHCHECK has no option ${flag}`);
}

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** A duration of Go's: `1m30s`, `500ms`. */
function nanoseconds(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g);
  const total = [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ""] ?? 0), 0);
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
}
