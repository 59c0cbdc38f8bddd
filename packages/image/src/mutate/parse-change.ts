import { galleyError } from "@galley/spec";
import type { ConfigChange } from "./config-change.ts";
import { parseHealthcheck } from "./parse-healthcheck.ts";
import { splitWords } from "./split-words.ts";

/**
 * Reads a change as `podman commit --change` and `podman import --change` take it: an instruction of a Dockerfile, with a
 * blank or `=` behind its name: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, SHELL, STOPSIGNAL, USER, VOLUME,
 * WORKDIR. Variables are not replaced.
 *
 * @throws invalid image.change
 *
 * @example
 * parseChange('CMD ["sh", "-l"]'); // { type: "set", config: { Cmd: ["sh", "-l"] } }
 */
export function parseChange(text: string): ConfigChange {
  const [, name = "", value = ""] = /^\s*([A-Za-z]+)(?:\s+|=)([\s\S]*)$/.exec(text) ?? [];
  const read = Object.hasOwn(instructions, name.toUpperCase()) ? instructions[name.toUpperCase()] : undefined;
  const rest = value.trim();
  if (name === "") throw badChange(text, "must be formatted as KEY VALUE");
  if (!read) throw badChange(text, `invalid instruction ${name}`);
  if (rest === "") throw badChange(text, `must provide a value to ${name.toUpperCase()}`);
  return read(rest, (why) => badChange(text, why));
}

type Fail = (why: string) => Error;
type Read = (value: string, fail: Fail) => ConfigChange;

const instructions: Readonly<Record<string, Read>> = {
  CMD: (value) => command("Cmd", value),
  ENTRYPOINT: (value) => command("Entrypoint", value),
  ENV: (value, fail) => ({ type: "env", values: pairs(value, fail) }),
  LABEL: (value, fail) => ({ type: "label", values: pairs(value, fail) }),
  EXPOSE: (value, fail) => ({ type: "expose", ports: value.split(/\s+/).map((each) => port(each, fail)) }),
  VOLUME: (value, fail) => ({ type: "volume", paths: jsonStrings(value) ?? splitWords(value, fail) }),
  USER: (value) => ({ type: "set", config: { User: value } }),
  WORKDIR: (value, fail) => ({ type: "workdir", path: splitWords(value, fail).join(" ") }),
  STOPSIGNAL: (value, fail) => ({ type: "set", config: { StopSignal: signalName(value, fail) } }),
  ONBUILD: (value, fail) => ({ type: "onbuild", instruction: triggered(value, fail) }),
  SHELL: (value, fail) => ({ type: "set", config: { Shell: nonEmpty(jsonStrings(value), fail) } }),
  HEALTHCHECK: (value, fail) => ({ type: "set", config: { Healthcheck: parseHealthcheck(value, jsonStrings, fail) } }),
};

function command(member: "Cmd" | "Entrypoint", value: string): ConfigChange {
  const list = jsonStrings(value);
  return list ? { type: "set", config: { [member]: list } } : { type: "command", member, line: value };
}

/** A JSON list of strings; undefined for anything else, which is then a line for the shell. */
function jsonStrings(value: string): string[] | undefined {
  if (!value.startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) && list.every((each) => typeof each === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

function nonEmpty(list: string[] | undefined, fail: Fail): string[] {
  if (!list || list.length === 0) throw fail("SHELL takes a JSON list of strings");
  return list;
}

/** `a=b "c=d e"`, or the old `a b`, where all that follows the name is its value. */
function pairs(value: string, fail: Fail): Record<string, string> {
  const old = /^([^\s="']+)\s+([\s\S]+)$/.exec(value);
  if (old?.[1] && old[2] && !/=/.test(value.split(/\s/, 1)[0] ?? "")) return { [old[1]]: old[2] };
  const words = splitWords(value, fail).map((word): [string, string] => {
    const at = word.indexOf("=");
    if (at < 1) throw fail(`${JSON.stringify(word)} is not key=value`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
  return Object.fromEntries(words);
}

function port(text: string, fail: Fail): string {
  const [, first = "", last = first, protocol = "tcp"] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(text.toLowerCase()) ?? [];
  const good = [first, last].every((each) => Number(each) >= 1 && Number(each) <= 65_535);
  if (!good || Number(last) < Number(first)) throw fail(`${JSON.stringify(text)} is not a port`);
  return `${first === last ? first : `${first}-${last}`}/${protocol}`;
}

function signalName(value: string, fail: Fail): string {
  if (/^(?:\d{1,2}|(?:SIG)?[A-Za-z]+\d?(?:[+-]\d{1,2})?)$/.test(value)) return value;
  throw fail(`${JSON.stringify(value)} is not a signal`);
}

function triggered(value: string, fail: Fail): string {
  const name = value.split(/\s/, 1)[0]?.toUpperCase() ?? "";
  if (["ONBUILD", "FROM", "MAINTAINER"].includes(name)) throw fail(`ONBUILD ${name} is not allowed`);
  return value;
}

function badChange(text: string, why: string) {
  return galleyError("invalid", "image.change", `invalid change ${JSON.stringify(text.slice(0, 200))} - ${why}`);
}
