// A process that creates a container and then waits to be killed: `node creator.ts DIRECTORY ID create|start COMMAND...`
import { join } from "node:path";
import { keeperPath } from "@galley/keeper";
import { platformOf } from "@galley/spec";
import { perform } from "@galley/stage";
import { bundleLaunch } from "../bundle-launch.ts";
import { createContainer } from "../create-container.ts";
import { hostCgroups } from "./host-cgroups.ts";
import { runtimeSpec } from "./launches.ts";

const [directory = "", id = "", until = "", ...args] = process.argv.slice(2);
const launch = bundleLaunch(
  { directory, spec: runtimeSpec({ process: { args } }) },
  {
    id,
    architecture: platformOf(process.arch).architecture,
    sourceKind: () => "directory",
    cgroups: hostCgroups(),
    openStdin: false,
    keeper: {
      programPath: keeperPath(),
      runDirectory: join(directory, "run"),
      keepDirectory: join(directory, "keep"),
      stamp: "boot-1",
      names: { log: "log", pid: "pid", exit: "exit", socket: "attach.sock" },
      attached: false,
    },
  },
);
const container = await createContainer(launch, perform);
if (until === "start") await container.start();
console.log(container.pid);
setInterval(() => {}, 1000);
