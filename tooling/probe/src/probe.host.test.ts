import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { capabilityNames, parseCapabilityStatus } from "@galley/capabilities";
import { compileSeccomp, defaultProfile, resolveProfile } from "@galley/seccomp";
import { missingForHostTest } from "@galley/testing-images";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callFacts } from "./call-facts.ts";
import { compileProbe } from "./compile-probe.ts";
import { differences, knownAs } from "./differences.ts";
import { expectedOutcomes } from "./expected-outcome.ts";
import { reportFacts } from "./facts.ts";
import { hostNamespaces } from "./host-namespaces.ts";
import { knownDifferences } from "./known-differences.ts";
import { probeLayer } from "./probe-image.ts";
import { galleyRunner } from "./run-with-galley.ts";
import { runcRunner } from "./run-with-runc.ts";
import { scenarios } from "./scenarios.ts";
import { unfixed } from "./unfixed.ts";

const missing = missingForHostTest({ root: true, programs: ["cc", "podman", "runc", "script"] });
const reason = process.arch === "x64" ? missing : "the probe knows the calls of x86-64 only";

describe.skipIf(reason !== undefined)(`the probe's comparison${reason === undefined ? "" : ` (${reason})`}`, () => {
  let folder: string;
  let galley: Awaited<ReturnType<typeof galleyRunner>>;
  let runc: Awaited<ReturnType<typeof runcRunner>>;
  const known = [...knownDifferences, ...unfixed];
  const seen = new Set<string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "galley-probe-"));
    const layer = await probeLayer(await compileProbe(folder));
    const layerPath = join(folder, "layer.tar");
    await writeFile(layerPath, layer);
    const [galleyPlace, podmanPlace] = [join(folder, "galley"), join(folder, "podman")];
    for (const place of [galleyPlace, podmanPlace]) await mkdir(place);
    galley = await galleyRunner(galleyPlace, layer);
    runc = await runcRunner(podmanPlace, layerPath);
  });

  afterAll(async () => {
    galley?.[Symbol.dispose]();
    await runc?.[Symbol.asyncDispose]();
    if (folder) await rm(folder, { recursive: true, force: true });
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(folder);
  });

  test.each(Object.values(scenarios))(
    "runContainer() shows a program what runc with podman's defaults shows it, $name",
    async (scenario) => {
      const host = { hostNamespaces: hostNamespaces() };
      const ours = reportFacts(await galley.run(scenario), host);
      const theirs = reportFacts(await runc.run(scenario), host);
      const found = differences(ours, theirs).map((one) => ({ ...one, known: knownAs(one, known) }));
      for (const { known } of found) if (known) seen.add(known.heading);
      expect(Object.keys(ours).length).toBeGreaterThan(100);
      expect(found.filter((one) => !one.known)).toEqual([]);
    },
  );

  test("knownDifferences lists nothing that is no longer different", () => {
    const gone = known.map(({ heading }) => heading).filter((heading) => !seen.has(heading));
    expect([...new Set(gone)]).toEqual([]);
  });

  test("compileSeccomp() makes a filter that answers each system call in the kernel as simulate() says", async () => {
    const report = await galley.run(scenarios.plain);
    const unconfined = callFacts(await galley.run(scenarios.unconfined));
    const capabilities = boundingSet(report.texts["/proc/self/status"] ?? "");
    const surroundings = { architecture: "amd64", capabilities, kernelVersion: release() };
    const program = compileSeccomp(resolveProfile(defaultProfile, surroundings), surroundings);
    expect(callFacts(report)).toEqual(expectedOutcomes(report, program, unconfined));
  });
});

function boundingSet(status: string): readonly string[] {
  return capabilityNames(parseCapabilityStatus(status).bounding);
}
