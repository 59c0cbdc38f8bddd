import { type FlagName, type Step, slot } from "@galley/plan";
import { galleyError, type LinuxSpec, type NamespaceSpec } from "@galley/spec";
import { joinSteps, openSteps, pidSteps, timeSteps, unshareSteps } from "./namespace-steps.ts";

/** The eight kinds of namespace (namespaces(7)). */
export type NamespaceName = FlagName<"namespaces">;

/** What happens to each kind of namespace, and the steps that make it so. */
export interface NamespacePlan {
  /** For the `clone` step that starts the init lane. */
  readonly clone: readonly NamespaceName[];
  /** New ones: cloned, unshared, or made by `hostSteps`. */
  readonly created: readonly NamespaceName[];
  /** Joined ones, each by a path. */
  readonly joined: readonly { readonly name: NamespaceName; readonly path: string }[];
  /** Those shared with whoever starts the container. */
  readonly host: readonly NamespaceName[];
  /** In the host lane before the clone: opens the files to join; joins a pid namespace, which counts for children only. */
  readonly hostSteps: readonly Step[];
  /** First of all in the init lane: joins, the user namespace first. */
  readonly initSteps: readonly Step[];
  /** In the init lane after it has joined its cgroups: the new cgroup namespace takes the current groups as its roots. */
  readonly cgroupSteps: readonly Step[];
}

const all: readonly NamespaceName[] = ["user", "mount", "pid", "network", "uts", "ipc", "cgroup", "time"];

/**
 * Turns the namespace list of a runtime spec (OCI runtime-spec, config-linux.md "Namespaces") into clone flags and steps.
 *
 * @throws `invalid` for a type named twice or a path that is not absolute; `unsupported` for a combination that needs
 * more processes than a plan has (a new pid namespace inside a joined user namespace, a joined namespace beside a new user namespace).
 *
 * @example
 * const plan = planNamespaces([{ type: "pid" }, { type: "mount" }, { type: "network", path: "/run/netns/blue" }]);
 * plan.clone; // ["mount", "pid"]
 */
export function planNamespaces(
  namespaces: readonly NamespaceSpec[],
  options: { readonly timeOffsets?: LinuxSpec["timeOffsets"] } = {},
): NamespacePlan {
  const asked = byType(namespaces);
  const created = all.filter((name) => asked.has(name) && asked.get(name) === undefined);
  const joined = all.flatMap((name) => {
    const path = asked.get(name);
    return path === undefined ? [] : [{ name, path }];
  });
  refuseImpossible(created, joined);
  const intoUser = joined.some(({ name }) => name === "user");
  const opened = joined.map(({ name, path }) => ({ name, path, file: slot(`${name} namespace`) }));
  const fresh = created.filter((name) => name !== "cgroup" && name !== "time");
  return {
    clone: intoUser ? [] : fresh,
    created,
    joined,
    host: all.filter((name) => !asked.has(name)),
    hostSteps: [...openSteps(opened), ...pidSteps(opened), ...timeSteps(created, options.timeOffsets)],
    initSteps: [...joinSteps(opened), ...(intoUser ? unshareSteps(fresh) : [])],
    cgroupSteps: created.includes("cgroup") ? unshareSteps(["cgroup"]) : [],
  };
}

/** Whether a kind of namespace is not the one of whoever starts the container. */
export function isSeparate(plan: NamespacePlan, name: NamespaceName): boolean {
  return !plan.host.includes(name);
}

function byType(namespaces: readonly NamespaceSpec[]): Map<NamespaceName, string | undefined> {
  const asked = new Map<NamespaceName, string | undefined>();
  for (const { type, path } of namespaces) {
    if (!all.includes(type)) throw galleyError("invalid", "namespaces.unknown", `unknown namespace type ${type}`);
    if (asked.has(type)) throw galleyError("invalid", "namespaces.twice", `namespace ${type} is listed twice`);
    const named = path === "" ? undefined : path;
    if (named !== undefined && (!named.startsWith("/") || named.includes("\0"))) {
      throw galleyError(
        "invalid",
        "namespaces.path",
        `path of namespace ${type} is not absolute: ${JSON.stringify(named)}`,
      );
    }
    asked.set(type, named);
  }
  return asked;
}

function refuseImpossible(created: readonly NamespaceName[], joined: NamespacePlan["joined"]): void {
  const userJoined = joined.some(({ name }) => name === "user");
  if (userJoined && created.includes("pid")) {
    throw galleyError(
      "unsupported",
      "namespaces.pid-in-joined-user",
      "a new pid namespace inside a joined user namespace is not supported",
    );
  }
  if (created.includes("user") && joined.length > 0) {
    const names = joined.map(({ name }) => name).join(", ");
    throw galleyError(
      "unsupported",
      "namespaces.join-beside-user",
      `a new user namespace cannot join the ${names} namespace of another`,
    );
  }
}
