import { withPrebuilt } from "./tooling/prebuilt/programs.mjs";

/** What `pnpm pack` and `pnpm publish` put into a package's package.json beyond what stands there. */
export const hooks = { beforePacking: withPrebuilt };
