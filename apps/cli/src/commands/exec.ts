import { type ExecOptions, execInContainer } from "@galley/engine";
import { isGalleyError } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { list, text, toggle, value } from "../flags/flag.ts";
import { openForeground } from "../foreground/foreground.ts";
import { print } from "../output/print.ts";
import { reportError } from "../report-error.ts";
import { parseEnvironment } from "../values/parse-environment.ts";

/** What podman ends with when the container does not run. */
const notRunning = 255;

export const command = defineCommand({
  usage: "CONTAINER COMMAND [ARG...]",
  description: "Runs a command in a running container and ends with its exit code.",
  example: "galley exec -it web sh",
  atLeast: 2,
  atMost: Number.POSITIVE_INFINITY,
  stopAtFirstWord: true,
  needsRoot: true,
  flags: {
    detach: toggle("Run in the background and print an id", { short: "d" }),
    interactive: toggle("Keep standard input open", { short: "i" }),
    tty: toggle("Give the process a terminal", { short: "t" }),
    env: list("NAME[=VALUE]", "Set a variable; NAME or PREFIX* pass yours on", text, { short: "e" }),
    workdir: value("PATH", "Start in this directory", text, { short: "w" }),
    user: value("USER[:GROUP]", "Run as this user, by name or number", text, { short: "u" }),
    privileged: toggle("Give it all capabilities and no system call filter"),
  },
  async run({ flags, words, places, calledAs }) {
    const [container = "", ...argv] = words;
    using engine = openGalley(places);
    const environment = flags.env.flatMap((given) => parseEnvironment(given, process.env));
    const options: ExecOptions = {
      command: argv,
      environment: Object.fromEntries(environment),
      terminal: flags.tty,
      openStdin: flags.interactive && !flags.detach,
      privileged: flags.privileged,
      ...(flags.workdir === undefined ? {} : { workingDirectory: flags.workdir }),
      ...(flags.user === undefined ? {} : { user: flags.user }),
    };
    try {
      if (flags.detach) {
        await print((await execInContainer(engine, container, options)).id);
        return 0;
      }
      using foreground = openForeground({ interactive: flags.interactive, terminal: flags.tty, proxySignals: false });
      const started = await execInContainer(engine, container, { ...options, ...foreground.start });
      const end = await foreground.follow(started.attachment);
      if (end === "detached") return 0;
      await started.finish();
      return end.code;
    } catch (error) {
      if (!isGalleyError(error) || error.code !== "engine.container-not-running") throw error;
      reportError(error, { calledAs, logLevel: "warn" });
      return notRunning;
    }
  },
});
