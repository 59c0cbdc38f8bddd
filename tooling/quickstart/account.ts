/** The parts of `galley explain --format json` this account reads. */
interface ExplainedStep {
  readonly op: string;
  readonly by: string;
  readonly why: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** All steps of a plan printed as data, in every lane, however deep. */
export function stepsOf(plan: unknown): ExplainedStep[] {
  if (Array.isArray(plan)) return plan.flatMap(stepsOf);
  if (typeof plan !== "object" || plan === null) return [];
  const inner = Object.values(plan).flatMap(stepsOf);
  return isStep(plan) ? [plan, ...inner] : inner;
}

function isStep(value: object): value is ExplainedStep {
  return "op" in value && "by" in value && "why" in value;
}

/** A short account of a plan, by subject: what each of the isolating packages asked for. */
export function accountOf(plan: unknown): string[] {
  const steps = stepsOf(plan);
  const whys = (by: string): string => {
    const said = steps.filter((step) => step.by === by).map((step) => step.why);
    return said.length === 0 ? "nothing to do here" : [...new Set(said)].join("; ");
  };
  const namespaces = steps.filter(({ op }) => op === "clone").map(({ args }) => wordsOf(args?.["namespaces"]));
  const packages = [...Map.groupBy(steps, ({ by }) => by)].map(([by, its]) => `${by} ${its.length}`);
  return [
    `plan        ${steps.length} steps, of ${packages.join(", ")}`,
    `namespaces  ${namespaces.filter((words) => words !== "").join(" | ") || "none"}`,
    `cgroup      ${whys("cgroups")}`,
    `seccomp     ${whys("seccomp")}`,
    `label       ${whys("selinux")}`,
  ];
}

function wordsOf(flags: unknown): string {
  return Array.isArray(flags) ? flags.join(" ") : typeof flags === "string" ? flags : "";
}
