import { type GalleyError, galleyError } from "@galley/spec";
import type { KeySource } from "./policy.ts";

/** An object of a policy file, with the words for its errors. */
export interface PolicyObject {
  text(name: string): string | undefined;
  neededText(name: string): string;
  texts(name: string): readonly string[] | undefined;
  object(name: string): PolicyObject | undefined;
  /** What `NAMEPath`, `NAMEPaths`, `NAMEData` and `NAMEDatas` give; at most one of them may be there. */
  keys(name: string): readonly KeySource[];
  has(name: string): boolean;
  /** Throws when there is a member of another name. */
  allow(...names: readonly string[]): void;
  bad(why: string): GalleyError;
}

/** Reads an object of a policy file. */
export function policyObject(path: string, value: unknown, at: string): PolicyObject {
  const bad = (why: string): GalleyError => badPolicy(path, `${at} ${why}`);
  if (!isRecord(value)) throw bad("must be an object");
  const typed = <T>(name: string, is: (found: unknown) => found is T, what: string): T | undefined => {
    const found = Object.hasOwn(value, name) ? value[name] : undefined;
    if (found === undefined || is(found)) return found;
    throw badPolicy(path, `${at}.${name} must be ${what}`);
  };
  const text = (name: string): string | undefined => typed(name, isText, "a text that is not empty");
  const texts = (name: string): readonly string[] | undefined => typed(name, isTexts, "a list of texts");
  return {
    text,
    texts,
    neededText(name) {
      const found = text(name);
      if (found === undefined) throw bad(`needs ${name}`);
      return found;
    },
    object(name) {
      const found = typed(name, isRecord, "an object");
      return found && policyObject(path, found, `${at}.${name}`);
    },
    keys(name) {
      const members = ["Path", "Paths", "Data", "Datas"].map((end) => `${name}${end}`);
      const given = members.filter((member) => Object.hasOwn(value, member));
      const [member] = given;
      if (given.length > 1) throw bad(`may have only one of ${members.join(", ")}`);
      if (member === undefined) return [];
      const all = member.endsWith("s") ? (texts(member) ?? []) : [text(member) ?? ""];
      return all.map((each) =>
        member.includes("Path")
          ? { path: each }
          : { data: decode(each, () => bad(`has a ${member} that is not base64`)) },
      );
    },
    has: (name) => Object.hasOwn(value, name),
    allow(...names) {
      const other = Object.keys(value).find((name) => !names.includes(name));
      if (other !== undefined) throw bad(`has an unknown member ${JSON.stringify(other)}`);
    },
    bad,
  };
}

/** The error for a policy file that does not say what it should. */
export function badPolicy(path: string, why: string): GalleyError {
  return galleyError("invalid", "trust.bad-policy", `invalid policy in ${JSON.stringify(path)}: ${why}`, {
    details: { path },
  });
}

/** Whether a value is an object, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}

function decode(text: string, bad: () => GalleyError): Uint8Array {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) throw bad();
  return Buffer.from(text, "base64");
}
