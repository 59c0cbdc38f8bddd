import { readFile } from "node:fs/promises";
import { relative } from "node:path";

const sourceFile = /[/\\]packages[/\\]([^/\\]+)[/\\]src[/\\].*\.ts$/;

/**
 * In a bundle `import.meta.url` would name the chunk. A package that looks for a file beside its sources means its own
 * folder, so in packages it becomes the address of the source in the installed package, which the app must depend on.
 */
export function keepModuleUrls(dependencies) {
  return {
    name: "keep-module-urls",
    setup(build) {
      build.onLoad({ filter: sourceFile }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (!/\bimport\.meta\.(url|dirname|filename)\b/.test(text)) return undefined;
        const folder = sourceFile.exec(path)[1];
        const name = `@galley/${folder}`;
        const errors = [];
        if (!dependencies.includes(name)) errors.push(`${name} looks for its own files: the app must depend on it`);
        if (/\bimport\.meta\.(dirname|filename)\b/.test(text))
          errors.push(`${name}: only import.meta.url survives a bundle`);
        if (errors.length > 0) return { errors: errors.map((message) => ({ text: message })) };
        const inPackage = relative(path.slice(0, path.lastIndexOf(`/${folder}/src/`) + folder.length + 1), path);
        const address = `import.meta.resolve("${name}/package.json").replace(/package\\.json$/, "${inPackage}")`;
        return { contents: text.replaceAll("import.meta.url", address), loader: "ts" };
      });
    },
  };
}
