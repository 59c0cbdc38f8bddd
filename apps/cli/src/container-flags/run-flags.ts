import { group, list, text, toggle, value } from "../flags/flag.ts";
import { pullAccessFlags } from "../registry-flags/registry-flags.ts";
import { parseNetwork, parsePullPolicy } from "../values/parse-choice.ts";
import { parseEntrypoint } from "../values/parse-entrypoint.ts";
import { parseLabel } from "../values/parse-label.ts";
import { parseCount, parseCpus, parsePidsLimit } from "../values/parse-number.ts";
import { parseSignal } from "../values/parse-signal.ts";
import { parseSize, parseSizeOrUnlimited } from "../values/parse-size.ts";
import { parseTmpfs } from "../values/parse-tmpfs.ts";
import { parseUlimit } from "../values/parse-ulimit.ts";
import { parseVolume } from "../values/parse-volume.ts";

/** The flags of `create`, and most of those of `run`. */
export const createFlags = {
  ...group("Container", {
    name: value("NAME", "Name the container", text),
    label: list("KEY=VALUE", "Set a label", parseLabel, { short: "l" }),
    rm: toggle("Remove the container when it has ended"),
    cidfile: value("PATH", "Write the container's id to a new file", text),
    "stop-signal": value("SIGNAL", "What stop sends first (SIGTERM)", parseSignal),
    "stop-timeout": value("SECONDS", "How long stop waits before SIGKILL (10)", parseCount),
  }),
  ...group("Process", {
    interactive: toggle("Keep standard input open", { short: "i" }),
    tty: toggle("Give the process a terminal", { short: "t" }),
    env: list("NAME[=VALUE]", "Set a variable; NAME or PREFIX* pass yours on", text, { short: "e" }),
    "env-file": list("PATH", "Set the variables of a file", text),
    workdir: value("PATH", "Start in this directory", text, { short: "w" }),
    user: value("USER[:GROUP]", "Run as this user, by name or number", text, { short: "u" }),
    entrypoint: value("PROGRAM", "Replace the image's entrypoint; a JSON list for arguments", parseEntrypoint),
    init: toggle("Run a small init that forwards signals and reaps"),
    hostname: value("NAME", "Set the host name", text, { short: "h" }),
  }),
  ...group("Files", {
    volume: list(
      "SOURCE:TARGET[:OPTIONS]",
      "Show a host path in the container",
      (given) => parseVolume(given, process.cwd()),
      {
        short: "v",
      },
    ),
    tmpfs: list("PATH[:OPTIONS]", "Mount an empty file system in memory", parseTmpfs),
    "read-only": toggle("Make the container's root read-only"),
  }),
  ...group("Limits", {
    memory: value("SIZE", "Limit memory: 64m, 1g", parseSize, { short: "m" }),
    "memory-swap": value("SIZE", "Limit memory and swap together; -1 for no limit", parseSizeOrUnlimited),
    cpus: value("NUMBER", "Limit processor time: 0.5 is half a processor", parseCpus),
    "pids-limit": value("NUMBER", "Limit the number of processes; -1 for no limit", parsePidsLimit),
    ulimit: list("NAME=SOFT[:HARD]", "Set a resource limit, as in nofile=1024", parseUlimit),
  }),
  ...group("Security", {
    "cap-add": list("NAME", "Add a capability, or all", text),
    "cap-drop": list("NAME", "Drop a capability, or all", text),
    privileged: toggle("Take most of the walls down"),
    "security-opt": list(
      "OPTION",
      "seccomp=PATH|unconfined, label=…, no-new-privileges, mask=/a:/b, unmask=ALL|/a:/b",
      text,
    ),
    network: value("none|host", "No network at all, which is the default, or the host's", parseNetwork, {
      aliases: ["net"],
    }),
  }),
  ...group("Image", {
    pull: value("WHEN", "Pull the image: always, missing, never, newer (missing)", parsePullPolicy),
    quiet: toggle("Do not tell how the pull goes", { short: "q" }),
    ...pullAccessFlags,
  }),
};

/** The flags of `run`. */
export const runFlags = {
  detach: { ...toggle("Run in the background and print the id", { short: "d" }), group: "Container" },
  ...createFlags,
};
