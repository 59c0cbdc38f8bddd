/** The packages with programs in C, and the programs a stranger needs; test helpers are not among them. */
export const programs = {
  "@galley/stage": ["stage", "walk"],
  "@galley/keeper": ["keeper", "init"],
};

/** The CPUs we ship programs for, by Node's names. */
export const cpus = ["x64", "arm64"];

/** The package that carries another's programs for one CPU: `@galley/stage-linux-x64`. */
export function prebuiltName(name, cpu) {
  return `${name}-linux-${cpu}`;
}

/**
 * A manifest as it is published: a package with programs names its prebuilt ones as optional dependencies, and its
 * `build:native` asks nothing of this repository. Neither stands in the workspace's package.json, since an install here
 * must not look for packages that are made from it.
 */
export function withPrebuilt(manifest) {
  if (!(manifest.name in programs)) return manifest;
  const prebuilt = cpus.map((cpu) => [prebuiltName(manifest.name, cpu), manifest.version]);
  return {
    ...manifest,
    scripts: { "build:native": "node-gyp rebuild" },
    optionalDependencies: { ...manifest.optionalDependencies, ...Object.fromEntries(prebuilt) },
  };
}
