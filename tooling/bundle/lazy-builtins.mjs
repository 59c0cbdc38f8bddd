import { isBuiltin } from "node:module";
import { promisify } from "node:util";

/**
 * Takes Node's own modules by process.getBuiltinModule. An `import` of one evaluates all its lazy parts, to copy its names: node:util
 * and node:fs cost 2 to 3 ms each at every start that way, and nothing this way. The functions of the modules that are large
 * themselves (node:crypto 3 ms, node:child_process 2 ms) are looked up when they are called; what is used of them at the top of
 * a module, a class to extend for instance, is looked up at once.
 */
export const lazyBuiltins = {
  name: "lazy-builtins",
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_0-9/]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      const name = path.startsWith("node:") ? path : `node:${path}`;
      const imported = kind === "import-statement";
      return { path: name, namespace: imported ? "builtin-import" : "builtin-require", sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: "builtin-require" }, ({ path }) => ({
      contents: `module.exports=${lookUp(path)}`,
    }));
    build.onLoad({ filter: /.*/, namespace: "builtin-import" }, ({ path }) => ({ contents: face(path) }));
  },
};

/** Already there when a program begins, so that looking something up in them costs nothing. */
const resident = new Set([
  "assert",
  "buffer",
  "events",
  "fs",
  "module",
  "os",
  "path",
  "process",
  "timers",
  "url",
  "util",
]);

function lookUp(path) {
  return `/* @__PURE__ */process.getBuiltinModule(${JSON.stringify(path)})`;
}

/** An ES module of which bundling keeps what is used. */
function face(path) {
  const exports = process.getBuiltinModule(path);
  const names = Object.keys(exports).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== "default");
  const definitions = names.map((name) => {
    const later = !resident.has(path.slice("node:".length)) && isPlainFunction(name, exports[name]);
    if (later) return `function ${safe(name)}(...given){return ${lookUp(path)}.${name}(...given)}`;
    return `const ${safe(name)}=/* @__PURE__ */(()=>${lookUp(path)}.${name})()`;
  });
  const exported = names.map((name) => `${safe(name)} as ${name}`);
  return [...definitions, `export {${exported.join(",")}}`, `export default ${lookUp(path)}`].join("\n");
}

/** Exports may be called like reserved words. */
function safe(name) {
  return `_${name}`;
}

/** A constructor is wanted itself, and so is a function that promisify would treat in its own way. */
function isPlainFunction(name, value) {
  return typeof value === "function" && /^[a-z]/.test(name) && (value[promisify.custom] ?? value) === value;
}
