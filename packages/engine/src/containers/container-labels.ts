import { existsSync, readFileSync } from "node:fs";
import {
  type ContainerLabels,
  containerLabels,
  isSelinuxEnabled,
  parseContext,
  parseLabelOptions,
} from "@galley/selinux";
import type { Engine } from "../engine.ts";
import { containerRecords } from "./container-record.ts";
import type { SecurityOptions } from "./options.ts";

/** Does this host keep SELinux labels? */
export function hostKeepsLabels(): boolean {
  const hasSelinuxFs = existsSync("/sys/fs/selinux/enforce");
  if (!hasSelinuxFs) return false;
  return isSelinuxEnabled({ fileSystems: readFileSync("/proc/filesystems", "latin1"), hasSelinuxFs });
}

/**
 * The labels of a new container; none where SELinux is off. The options are checked either way. A level of its own keeps each
 * container from the files of the others.
 *
 * @throws invalid selinux.*
 */
export function newLabels(engine: Engine, { labels = [], privileged = false }: SecurityOptions): ContainerLabels {
  const options = parseLabelOptions(privileged ? ["disable", ...labels] : labels);
  const enabled = hostKeepsLabels();
  if (!enabled) return {};
  const taken = new Set(
    containerRecords(engine)
      .list()
      .map(({ value }) => value.labels?.process && parseContext(value.labels.process).level),
  );
  const random = (limit: number): number => Math.floor(Math.random() * limit);
  return containerLabels({ enabled, options, random, isTaken: (level) => taken.has(level) });
}
