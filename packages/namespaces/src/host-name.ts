import { type Step, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { limits } from "./limits.ts";
import { isSeparate, type NamespacePlan } from "./plan-namespaces.ts";

const step = stepper("namespaces");

/**
 * Sets host and domain name; empty or absent ones stay. For the init lane.
 *
 * @throws `invalid` for a name that is too long, holds a zero byte, or would rename the host (no separate uts namespace).
 *
 * @example
 * hostNameSteps({ hostname: "web" }, planNamespaces([{ type: "uts" }])).length; // 1
 */
export function hostNameSteps(
  names: { readonly hostname?: string | undefined; readonly domainname?: string | undefined },
  plan: NamespacePlan,
): readonly Step[] {
  const { hostname = "", domainname = "" } = names;
  for (const name of [hostname, domainname]) checkName(name, plan);
  return [
    ...(hostname === "" ? [] : [step("hostname", { name: hostname }, `name the host ${hostname}`)]),
    ...(domainname === "" ? [] : [step("domainname", { name: domainname }, `name the domain ${domainname}`)]),
  ];
}

function checkName(name: string, plan: NamespacePlan): void {
  if (name === "") return;
  if (Buffer.byteLength(name) > limits.nameBytes || name.includes("\0")) {
    throw galleyError(
      "invalid",
      "namespaces.name",
      `host or domain name ${JSON.stringify(name)} is over ${limits.nameBytes} bytes or holds a zero byte`,
    );
  }
  if (!isSeparate(plan, "uts")) {
    throw galleyError(
      "invalid",
      "namespaces.shared-name",
      `name ${name} would rename the host: the container shares its uts namespace`,
    );
  }
}
