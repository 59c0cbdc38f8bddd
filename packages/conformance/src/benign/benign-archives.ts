import type { BenignArchive } from "../suite/archive-case.ts";
import { benignKinds } from "./kinds.ts";
import { benignMetadata } from "./metadata.ts";
import { benignNames } from "./names.ts";
import { benignOrder } from "./order.ts";
import { benignSparse } from "./sparse.ts";
import { benignStructure } from "./structure.ts";
import { benignWhiteouts } from "./whiteouts.ts";

/** Archives as real ones are, however odd: what every engine must unpack. */
export const benignArchives: readonly BenignArchive[] = [
  ...benignNames,
  ...benignKinds,
  ...benignMetadata,
  ...benignOrder,
  ...benignWhiteouts,
  ...benignStructure,
  ...benignSparse,
];
