/** The levels of docs/architecture.md: a package imports only packages on a lower level than its own. */
const levels: readonly (readonly string[])[] = [
  ["spec", "plan"],
  ["image", "namespaces", "mounts", "capabilities", "seccomp", "selinux", "cgroups", "netlink", "conformance"],
  ["registry", "registry-server", "trust", "storage", "stage", "keeper"],
  ["runtime", "network"],
  ["engine", "build", "kube"],
  ["cli", "api"],
];

/** The packages that know images and nothing of Linux. */
const imageHalf: readonly string[] = ["image", "registry", "registry-server", "trust", "storage"];

/** Arrows that the levels would allow, and that may not be all the same; with the reason. */
const exceptions: readonly { from: string; to: readonly string[]; why: string }[] = [
  { from: "runtime", to: ["stage", "storage", "registry", "registry-server", "image"], why: "it gets them as ports" },
  { from: "registry", to: ["image"], why: "it must not know what it carries" },
  { from: "trust", to: ["image"], why: "a digest and a name are all it knows of an image" },
  { from: "storage", to: ["image"], why: "it must not know what images mean" },
];

/** The level of a package's short name, or undefined for a package that is on none. */
export function levelOf(name: string): number | undefined {
  const level = levels.findIndex((names) => names.includes(name));
  return level === -1 ? undefined : level;
}

function half(name: string): "image" | "linux" | "neither" {
  if (imageHalf.includes(name)) return "image";
  const level = levelOf(name);
  return level === undefined || level === 0 || level > 3 || name === "conformance" ? "neither" : "linux";
}

/** Why `from` may not import `to`, both short names; undefined when it may. */
export function arrowProblem(from: string, to: string): string | undefined {
  const [fromLevel, toLevel] = [levelOf(from), levelOf(to)];
  if (fromLevel === undefined) return `${from} is on no level: add it to tooling/checks/levels.ts`;
  if (toLevel === undefined) return `${to} is on no level`;
  if (from === to || (from === "plan" && to === "spec")) return undefined;
  if (toLevel === fromLevel) return `${from} and ${to} are on the same level`;
  if (toLevel > fromLevel) return `${to} is above ${from}`;
  const halves = [half(from), half(to)];
  if (halves.includes("image") && halves.includes("linux")) return `${from} and ${to} are of different halves`;
  const exception = exceptions.find((rule) => rule.from === from && rule.to.includes(to));
  return exception === undefined ? undefined : `${from} may not import ${to}: ${exception.why}`;
}
