// An import of one of Node's own modules loads and evaluates it, and as an ES module also every lazy part of it: node:crypto
// brings WebCrypto, node:zlib brings streams. In a program that starts often such an import becomes a stub here, which fetches the
// module when one of its exports is first used.
import { createRequire, isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const namespace = "lazy-builtin";
const lazyPath = fileURLToPath(new URL("lazy.mjs", import.meta.url));

/** There from Node's own start on: nothing to be saved, and these are called often. */
const early = new Set(["buffer", "events", "fs", "module", "path", "process", "timers", "url", "util"].map((name) => `node:${name}`));

/** The esbuild plugin. */
export const lazyBuiltins = {
  name: namespace,
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, kind }) => {
      if (kind !== "import-statement" || !isBuiltin(path)) return undefined;
      return { path, namespace, sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: stub(path), loader: "js", resolveDir: "/" }));
  },
};

/** A module that exports what the builtin does. */
function stub(path) {
  const members = Object.entries(Object.getOwnPropertyDescriptors(require(path)))
    .filter(([name]) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== "default")
    .map(([name, { value }]) => member(name, early.has(path) || isPrimitive(value)));
  return [
    `const fetch = () => process.getBuiltinModule(${JSON.stringify(path)});`,
    `import { lazy } from ${JSON.stringify(lazyPath)};`,
    ...members,
    "export default /* @__PURE__ */ fetch();",
  ].join("\n");
}

const isPrimitive = (value) => value !== undefined && typeof value !== "function" && typeof value !== "object";

/** Names such as `delete` may be exported, but not declared. */
function member(name, atOnce) {
  const value = atOnce ? `(() => fetch().${name})()` : `lazy(() => fetch().${name})`;
  return `const $${name} = /* @__PURE__ */ ${value};\nexport { $${name} as ${name} };`;
}
