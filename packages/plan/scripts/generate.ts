/**
 * Writes what comes from the operation table besides the types: the C program's argument checks
 * (`packages/stage/native/operations.h`) and the documentation (`docs/operations.md`).
 * With `--check` it writes nothing and fails when a file is not what it would write.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { flagSets } from "../src/flags.ts";
import { limits } from "../src/limits.ts";
import { type Operation, operations } from "../src/operations.ts";

const codes: Readonly<Record<string, string>> = {
  slot: "s",
  "slot?": "S",
  out: "o",
  "out?": "O",
  mark: "m",
  lane: "l",
  u32: "4",
  u64: "8",
  string: "t",
  path: "p",
  bytes: "b",
  strings: "T",
  numbers: "N",
  descriptors: "D",
};

function code(kind: string): string {
  if (kind.startsWith("flags:")) return "f";
  const found = codes[kind] ?? codes[kind.replace("?", "")];
  if (!found) throw new Error(`no code for ${kind}`);
  return found;
}

const upper = (name: string): string => name.replace(/([A-Z])/g, "_$1").toUpperCase();
const table = Object.entries<Operation>(operations);
const most = Math.max(...table.map(([, operation]) => Object.keys(operation.arguments).length));

function header(): string {
  const lines = [
    "/* Made by packages/plan/scripts/generate.ts from the operation table. Do not edit. */",
    "#ifndef GALLEY_OPERATIONS_H",
    "#define GALLEY_OPERATIONS_H",
    "",
    `#define MAX_ARGUMENTS ${most}`,
    `#define MAX_PLAN_BYTES ${limits.planBytes}`,
    `#define MAX_STEP_BYTES ${limits.stepBytes}`,
    `#define MAX_SLOTS ${limits.slots + limits.streamSlots}`,
    `#define MAX_LANES ${limits.lanes}`,
    `#define MAX_MARKS ${limits.marks}`,
    "",
    "/* Argument kinds: s slot, S slot or none, o out, O out or none, m mark, l lane, 4 u32, 8 u64, t string, p path,",
    " * b bytes, T strings, N numbers, D descriptors, f flags. X(number, name, kinds, handler) */",
    "#define OPERATIONS(X) \\",
    ...table.map(
      ([name, operation], index) =>
        `  X(${operation.number}, "${name}", "${Object.values(operation.arguments).map(code).join("")}", do_${upper(name).toLowerCase()})${index < table.length - 1 ? " \\" : ""}`,
    ),
    "",
    "/* The numbers of the operations. */",
    ...table.map(([name, operation]) => `#define OP_${upper(name)} ${operation.number}`),
    "",
    "/* Where each operation finds its arguments. */",
  ];
  for (const [name, operation] of table) {
    Object.keys(operation.arguments).forEach((argument, index) => {
      lines.push(`#define ARG_${upper(name)}_${upper(argument)} ${index}`);
    });
  }
  lines.push("", "/* The plan's own flag bits. */");
  for (const [set, names] of Object.entries(flagSets)) {
    names.forEach((name, bit) => {
      lines.push(`#define FLAG_${upper(set)}_${upper(name)} (1u << ${bit})`);
    });
  }
  return `${lines.join("\n")}\n\n#endif\n`;
}

function documentation(): string {
  const lines = [
    "# Operations",
    "",
    "The closed set of steps that a plan is made of. This page is made from the table in `packages/plan/src/operations.ts`",
    "by `packages/plan/scripts/generate.ts`; the TypeScript types and the C program's argument checks come from the same table.",
    "",
    "| no. | operation | arguments | what it does | manual pages |",
    "| --- | --- | --- | --- | --- |",
    ...table.map(([name, operation]) => {
      const given = Object.entries(operation.arguments).map(([argument, kind]) => `${argument}: ${kind}`);
      return `| ${operation.number} | \`${name}\` | ${given.join("<br>") || "none"} | ${operation.about} | ${operation.man.replaceAll("|", "\\|")} |`;
    }),
    "",
    "## Flag sets",
    "",
    "| set | names, lowest bit first |",
    "| --- | --- |",
    ...Object.entries(flagSets).map(([set, names]) => `| ${set} | ${names.join(", ")} |`),
  ];
  return `${lines.join("\n")}\n`;
}

const root = new URL("../../../", import.meta.url);
const outputs = new Map([
  [new URL("packages/stage/native/operations.h", root), header()],
  [new URL("docs/operations.md", root), documentation()],
]);
for (const [file, text] of outputs) {
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`${file.pathname} is out of date: run pnpm --filter @galley/plan generate`);
    process.exitCode = 1;
  }
}
