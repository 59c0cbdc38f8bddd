const steps: readonly { readonly unit: string; readonly seconds: number; readonly below: number }[] = [
  { unit: "hour", seconds: 3600, below: 48 },
  { unit: "day", seconds: 86_400, below: 14 },
  { unit: "week", seconds: 7 * 86_400, below: 60 / 7 },
  { unit: "month", seconds: 30 * 86_400, below: 730 / 30 },
];

/** A duration as people say it, in the words that podman and docker use. `humanDuration(90_000)` is "About a minute". */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return "Less than a second";
  if (seconds < 60) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes === 1 ? "About a minute" : `${minutes} minutes`;
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (hours === 1) return "About an hour";
  const fitting = steps.find((step) => (hours * 3600) / step.seconds < step.below);
  if (fitting === undefined) return `${Math.floor(hours / 24 / 365)} years`;
  return `${Math.floor((hours * 3600) / fitting.seconds)} ${fitting.unit}s`;
}

/** How long ago a moment was; a moment of the future is now. */
export function humanAge(momentMs: number, nowMs: number): string {
  return `${humanDuration(nowMs - momentMs)} ago`;
}

const sizeUnits = ["B", "kB", "MB", "GB", "TB", "PB"];

/** A size in decimal units with three digits. `humanSize(1_997_895)` is "2 MB". */
export function humanSize(bytes: number): string {
  let rest = bytes;
  let unit = 0;
  while (rest >= 1000 && unit < sizeUnits.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${Number(rest.toPrecision(3))} ${sizeUnits[unit]}`;
}
