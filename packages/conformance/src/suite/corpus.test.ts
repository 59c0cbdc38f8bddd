import { expect, test } from "vitest";
import { benignArchives } from "../benign/benign-archives.ts";
import { hostileArchives } from "../hostile/hostile-archives.ts";
import { gnuTarDifferences, umociDifferences } from "../reference/known-differences.ts";

test("hostileArchives and benignArchives are as many as promised, each with a name of its own", () => {
  expect(hostileArchives.length).toBeGreaterThanOrEqual(120);
  expect(benignArchives.length).toBeGreaterThanOrEqual(80);
  const names = [...hostileArchives, ...benignArchives].map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("hostileArchives cover the classes of unpacking that advisories tell of", () => {
  const classes = new Set(hostileArchives.map(({ standsFor }) => standsFor.split(":")[0]));
  for (const advisory of [
    "CVE-2014-6407",
    "CVE-2014-9356",
    "CVE-2014-9357",
    "CVE-2017-14992",
    "CVE-2021-20291",
    "CVE-2021-29136",
    "CVE-2021-32760",
    "CVE-2025-47290",
    "CVE-2026-17106",
    "CVE-2026-95838",
    "UNP-14",
    "UNP-17",
  ])
    expect(classes).toContain(advisory);
});

test("known differences name archives that there are", () => {
  const names = new Set(benignArchives.map(({ name }) => name));
  for (const name of [...Object.keys(umociDifferences), ...Object.keys(gnuTarDifferences)])
    expect(names).toContain(name);
});
