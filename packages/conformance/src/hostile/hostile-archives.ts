import type { HostileArchive } from "../suite/archive-case.ts";
import { hostileBombs } from "./bombs.ts";
import { hostileLinks } from "./links.ts";
import { hostileNames } from "./names.ts";
import { hostileNumbers } from "./numbers.ts";
import { hostileOverlay } from "./overlay.ts";
import { hostileRoots } from "./roots.ts";
import { hostileSparse } from "./sparse.ts";
import { hostileStructure } from "./structure.ts";

/** Archives that were made to break out, to break down or to deceive. */
export const hostileArchives: readonly HostileArchive[] = [
  ...hostileNames,
  ...hostileLinks,
  ...hostileRoots,
  ...hostileOverlay,
  ...hostileNumbers,
  ...hostileStructure,
  ...hostileSparse,
  ...hostileBombs,
];
