import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("index.ts loads no zod, for programs that must start fast", () => {
  const script = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ resolve(name, context, next) { seen.push(name); return next(name, context); } });
    await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
    console.log(JSON.stringify(seen));`;
  const seen = JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }));
  expect(seen).toContain("./reference.ts");
  expect(seen.filter((name: string) => name.includes("zod") || name.includes("schema"))).toEqual([]);
});
