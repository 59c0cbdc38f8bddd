import { type Step, stepper } from "@galley/plan";
import { type DevPlace, openDev } from "./device-steps.ts";

const step = stepper("mounts");

const links: readonly (readonly [name: string, target: string])[] = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
];

/**
 * Makes the links of /dev (OCI runtime-spec, runtime-linux.md "Dev symbolic links"). Names that are there stay, but for
 * `ptmx`, which must lead to the container's own pseudo-terminals.
 *
 * @example
 * const steps = devLinkSteps({ root, dev: mounts.fileSystems.get("/dev"), hasKcore: true });
 */
export function devLinkSteps(place: DevPlace & { readonly hasKcore?: boolean }): readonly Step[] {
  const { dev, steps } = openDev(place);
  const all = place.hasKcore ? [...links, ["core", "/proc/kcore"] as const] : links;
  return [
    ...steps,
    ...all.map(([name, target]) =>
      step("symlink", { at: dev, path: name, target }, `link /dev/${name} to ${target}`, { ok: ["EEXIST"] }),
    ),
    step(
      "symlink",
      { at: dev, path: "ptmx", target: "pts/ptmx", ...(place.dev ? {} : { flags: ["replace"] as const }) },
      "link /dev/ptmx to pts/ptmx",
    ),
  ];
}
