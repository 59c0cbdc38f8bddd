import { parseSync } from "oxc-parser";

/** One module named by a file: `import`, `export … from` and `import()` alike. */
export interface ModuleImport {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Every module a source text names; comments and strings do not count. */
export function importsOf(path: string, source: string): ModuleImport[] {
  const { module } = parseSync(path, source);
  const statics = module.staticImports.map((statement) => ({
    specifier: statement.moduleRequest.value,
    typeOnly: statement.entries.length > 0 && statement.entries.every((entry) => entry.isType),
  }));
  const exports = module.staticExports
    .flatMap((statement) => statement.entries)
    .flatMap((entry) =>
      entry.moduleRequest === null ? [] : [{ specifier: entry.moduleRequest.value, typeOnly: entry.isType }],
    );
  const dynamics = module.dynamicImports
    .map(
      ({ moduleRequest }) => /^["'`]([^"'`$]+)["'`]$/.exec(source.slice(moduleRequest.start, moduleRequest.end))?.[1],
    )
    .filter((specifier) => specifier !== undefined)
    .map((specifier) => ({ specifier, typeOnly: false }));
  return [...statics, ...exports, ...dynamics];
}

/** The package a specifier names: `@galley/spec/x` → `@galley/spec`; undefined for relative paths and node's own. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:") || specifier.startsWith("#")) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
