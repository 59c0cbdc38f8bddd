/** The parts of `galley explain --format json` this account reads. */
interface ExplainedStep {
  readonly op: string;
  readonly by: string;
  readonly why: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** All steps of a plan printed as data, in every lane. */
export function stepsOf(plan: unknown): ExplainedStep[] {
  if (Array.isArray(plan)) return plan.flatMap(stepsOf);
  if (typeof plan !== "object" || plan === null) return [];
  return isStep(plan) ? [plan] : Object.values(plan).flatMap(stepsOf);
}

function isStep(value: object): value is ExplainedStep {
  return "op" in value && "by" in value && "why" in value;
}

/** A short account of a plan: how big it is, and what it does about each way of keeping a container apart. */
export function accountOf(plan: unknown): string[] {
  const steps = stepsOf(plan);
  const counts = [...Map.groupBy(steps, ({ by }) => by)].map(([by, its]) => `${by} ${its.length}`);
  const namespaces = steps.filter(({ op }) => op === "clone" || op === "unshare").flatMap(({ args }) => wordsOf(args));
  return [
    `plan        ${steps.length} steps: ${counts.join(", ")}`,
    `namespaces  ${[...new Set(namespaces)].join(", ") || "none"}`,
    `cgroup      ${asked(steps, "cgroups", /limit/) ?? "no limits"}`,
    `seccomp     ${asked(steps, "seccomp") ?? "no filter"}`,
    `label       ${asked(steps, "selinux") ?? "none, SELinux is off on this host"}`,
  ];
}

/** What a package's steps are for, those about one subject when one is given. */
function asked(steps: readonly ExplainedStep[], by: string, about = /(?:)/): string | undefined {
  const whys = steps.filter((step) => step.by === by && about.test(step.why)).map(({ why }) => why);
  return whys.length === 0 ? undefined : [...new Set(whys)].join("; ");
}

function wordsOf(args: ExplainedStep["args"]): string[] {
  const flags = args?.["namespaces"];
  return Array.isArray(flags) ? flags.map(String) : [];
}
