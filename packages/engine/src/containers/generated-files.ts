import { readFileSync } from "node:fs";
import type { Engine } from "../engine.ts";
import { makeHostDirectory, writeHostFile } from "../host-files.ts";
import type { GeneratedFiles } from "../spec/container-mounts.ts";
import { initPlace } from "../spec/container-mounts.ts";
import { containerHostname } from "../spec/container-spec.ts";
import { containerPlaces } from "./container-places.ts";
import type { ContainerRecord } from "./container-record.ts";

/** The files that the engine makes for a container, without writing them: content by file name, and places inside. */
interface Described {
  readonly name: string;
  readonly place: string;
  readonly content: string;
}

/** Where the files that the engine makes for a container appear inside it. */
export function generatedFiles(engine: Engine, record: ContainerRecord): GeneratedFiles {
  const directory = containerPlaces(engine, record.id).keepDirectory;
  const made = describe(record).map(({ name, place }) => [place, `${directory}/${name}`]);
  const init = record.options.process?.init && engine.ports.initPath ? [[initPlace, engine.ports.initPath()]] : [];
  return Object.fromEntries([...made, ...init]);
}

/** Writes them; what was there is written anew. */
export function writeGeneratedFiles(engine: Engine, record: ContainerRecord): void {
  const directory = containerPlaces(engine, record.id).keepDirectory;
  makeHostDirectory(directory);
  for (const { name, content } of describe(record)) writeHostFile(`${directory}/${name}`, content);
}

function describe(record: ContainerRecord): Described[] {
  const hostNetwork = record.options.network === "host";
  const hostname = containerHostname(record);
  const own = [
    {
      name: "hosts",
      place: "/etc/hosts",
      content: hostNetwork ? hostFile("/etc/hosts") : hosts(hostname, record.name),
    },
    { name: "containerenv", place: "/run/.containerenv", content: "" },
  ];
  const named = { name: "hostname", place: "/etc/hostname", content: `${hostname}\n` };
  if (!hostNetwork) return [...own, named];
  return [...own, named, { name: "resolv.conf", place: "/etc/resolv.conf", content: hostFile("/etc/resolv.conf") }];
}

function hosts(hostname: string, name: string): string {
  return ["127.0.0.1\tlocalhost", "::1\tlocalhost", `127.0.0.1\t${hostname} ${name}`, ""].join("\n");
}

function hostFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
