import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const probe = `
import { registerHooks } from "node:module";
const loaded = [];
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
await import(process.argv[1]);
console.log(JSON.stringify(loaded));
`;

function loadedBy(module: string): string[] {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const run = spawnSync(process.execPath, ["--conditions=@galley/source", "--input-type=module", "-e", probe, path], {
    encoding: "utf8",
  });
  expect(run.stderr).toBe("");
  return JSON.parse(run.stdout) as string[];
}

describe("loading", () => {
  test.each(["./index.ts", "./containers/list-containers.ts", "./containers/start-container.ts"])(
    "%s loads neither schemas nor a network client",
    (module) => {
      const heavy = loadedBy(module).filter(
        (url) => /\/(zod|undici|tar-stream)\//.test(url) || /^node:(http|https|tls|sqlite)$/.test(url),
      );
      expect(heavy).toEqual([]);
    },
  );

  test("./images/list-images.ts loads hardly anything", () => {
    expect(loadedBy("./images/list-images.ts").length).toBeLessThan(5);
  });
});
