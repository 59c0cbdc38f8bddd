import { group, text, toggle, value } from "./flags/flag.ts";
import { badValue } from "./flags/usage-error.ts";

const logLevels = ["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"] as const;

/** How much is told. From "debug" on an error comes with its causes and where they happened. */
export type LogLevel = (typeof logLevels)[number];

/** Flags of every command, before its name or after. */
export const globalFlags = group("Global", {
  root: value("PATH", "Keep images and containers here", text),
  runroot: value("PATH", "Keep what a reboot ends here", text),
  "log-level": value("LEVEL", "debug shows where an error comes from (warn)", parseLogLevel),
  help: toggle("Show this help"),
});

/** Only before a command's name. */
export const versionFlag = { version: { ...toggle("Show the version", { short: "v" }), group: "Global" } };

function parseLogLevel(given: string): LogLevel {
  const known = logLevels.find((level) => level === given);
  if (known === undefined)
    throw badValue(`log level ${JSON.stringify(given)} is not supported, choose from: ${logLevels.join(", ")}`);
  return known;
}
