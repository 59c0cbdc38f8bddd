import { containerGroups, mountsNaming, processesOf } from "./traces.ts";
import { until } from "./until.ts";

/** What must be as before when all containers of a folder are gone. */
export interface Before {
  readonly groups: ReadonlySet<string>;
}

/** Looks at the host before anything is run. */
export function lookAtHost(): Before {
  return { groups: new Set(containerGroups().map(({ path }) => path)) };
}

/** Waits until nothing has to do with a folder any more: no process, no mount, no control group; fails when it stays. */
export async function nothingLeft(folder: string, before: Before): Promise<void> {
  await until(`nothing is left of ${folder}`, () => {
    const left = [
      ...processesOf(folder).map(({ pid, commandLine }) => `process ${pid}: ${commandLine}`),
      ...mountsNaming(folder),
      ...containerGroups()
        .filter(({ path, empty }) => empty && !before.groups.has(path))
        .map(({ path }) => path),
    ];
    if (left.length > 0) throw new Error(left.join("\n"));
    return true;
  });
}
