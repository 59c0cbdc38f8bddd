import { readdirSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { compileProbe } from "./compile-probe.ts";
import { differences } from "./differences.ts";
import { reportFacts } from "./facts.ts";
import { probeLayer } from "./probe-image.ts";
import { galleyRunner } from "./run-with-galley.ts";
import { runcRunner } from "./run-with-runc.ts";
import { scenarios } from "./scenarios.ts";

const folder = await mkdtemp("/tmp/galley-probe-");
try {
  const layer = await probeLayer(await compileProbe(folder));
  await writeFile(`${folder}/layer.tar`, layer);
  for (const d of ["podman", "galley"]) await mkdir(`${folder}/${d}`);
  using galley = await galleyRunner(`${folder}/galley`, layer);
  await using runc = await runcRunner(`${folder}/podman`, `${folder}/layer.tar`);
  const hostNamespaces = Object.fromEntries(
    readdirSync("/proc/self/ns").map((n) => [`/proc/self/ns/${n}`, readlinkSync(`/proc/self/ns/${n}`)]),
  );
  const only = process.argv.slice(2);
  for (const [key, scenario] of Object.entries(scenarios)) {
    if (only.length && !only.includes(key)) continue;
    console.log(`\n===== ${key}`);
    const t = performance.now();
    const g = reportFacts(await galley.run(scenario), { hostNamespaces });
    const t2 = performance.now();
    const r = reportFacts(await runc.run(scenario), { hostNamespaces });
    console.log("galley", (t2 - t).toFixed(), "runc", (performance.now() - t2).toFixed());
    await writeFile(`/tmp/probe-w/${key}.json`, JSON.stringify({ g, r }, null, 1));
    for (const d of differences(g, r)) console.log(`${d.fact}\n      galley: ${d.galley}\n      runc:   ${d.other}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true }).catch(console.error);
}
