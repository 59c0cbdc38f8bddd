import { describe, expect, test } from "vitest";
import { putContainer } from "../testing/keeper-records.ts";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { type ImageFilters, imageFilter } from "./image-filters.ts";
import { listImages } from "./list-images.ts";

/** Three images: `old`, `new` with labels and a container, and one that lost its name. */
async function three() {
  const engine = await scratchEngine();
  const at = (day: number) => Date.parse(`2026-01-0${day}T00:00:00Z`);
  putImage(engine, makeImage("old", {}, { createdAtMs: at(1) }), ["docker.io/library/old:1"]);
  const fresh = makeImage("new", { Labels: { tier: "web", "a.b": "" } }, { createdAtMs: at(3) });
  putImage(engine, fresh, ["quay.io/team/new:2", "quay.io/team/new:latest"]);
  putImage(engine, makeImage("lost", { Labels: { tier: "db" } }, { createdAtMs: at(2) }), []);
  putImage(engine, makeImage("pinned", {}, { createdAtMs: at(1) - 1, pulledByDigest: true }), []);
  putContainer(engine, { imageId: fresh.id });
  return engine;
}

const names = new Map(["old", "new", "lost", "pinned"].map((seed) => [makeImage(seed).id, seed]));

const rows: readonly (readonly [ImageFilters, string])[] = [
  [{}, "new lost old pinned"],
  [{ dangling: true }, "lost"],
  [{ dangling: false }, "new old pinned"],
  [{ containers: true }, "new"],
  [{ containers: false }, "lost old pinned"],
  [{ before: "quay.io/team/new" }, "lost old pinned"],
  [{ since: "old:1" }, "new lost"],
  [{ since: "old:1", before: "quay.io/team/new" }, "lost"],
  [{ untilMs: Date.parse("2026-01-02T12:00:00Z") }, "lost old pinned"],
  [{ labels: [{ name: "tier" }] }, "new lost"],
  [{ labels: [{ name: "tier", value: "web" }] }, "new"],
  [{ labels: [{ name: "tier", value: "web" }, { name: "a.b" }] }, "new"],
  [{ labels: [{ name: "toString" }] }, ""],
  [{ notLabels: [{ name: "tier" }] }, "old pinned"],
  [{ notLabels: [{ name: "tier", value: "web" }] }, "lost old pinned"],
  [{ references: ["old"] }, "old"],
  [{ references: ["nothing", "team/n*:2"] }, "new"],
  [{ ids: [makeImage("lost").id.slice(0, 10)] }, "lost"],
  [{ ids: [`sha256:${makeImage("lost").id}`] }, "lost"],
  [{ digests: [makeImage("new").manifest.digest] }, "new"],
  [{ readOnly: true }, ""],
  [{ readOnly: false, intermediate: false }, "new lost old pinned"],
  [{ dangling: true, labels: [{ name: "tier", value: "web" }] }, ""],
];

describe("imageFilter()", () => {
  test.each(rows)("imageFilter() of %j takes %j", async (filters, expected) => {
    const engine = await three();
    const found = listImages(engine)
      .filter(imageFilter(engine, filters))
      .map(({ id }) => names.get(id));
    expect(found.join(" ")).toBe(expected);
  });

  test("imageFilter() says which image it does not know", async () => {
    const engine = await three();
    expect(() => imageFilter(engine, { before: "nobody" })).toThrow("nobody: image not known");
  });
});
