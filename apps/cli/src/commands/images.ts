import { type ImageSummary, imageBytes, imageFilter, listImages } from "@galley/engine";
import { formatReference, parseReference } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { list, toggle, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { humanAge, humanSize } from "../output/human.ts";
import { print } from "../output/print.ts";
import { table } from "../output/table.ts";
import { imageFilters } from "../values/image-filters.ts";
import { parseFilter } from "../values/parse-filter.ts";

export const command = defineCommand({
  usage: "[IMAGE]",
  description: "Lists the images in the store: all of them, or those of one repository. Sizes are of unpacked files.",
  example: "galley images docker.io/library/alpine",
  atMost: 1,
  flags: {
    all: toggle("Show all; there are no others", { short: "a" }),
    quiet: toggle("Print ids only", { short: "q" }),
    digests: toggle("Show digests"),
    "no-trunc": toggle("Do not shorten ids"),
    noheading: toggle("Do not print headings", { short: "n" }),
    history: toggle("Show the names it has or had"),
    filter: list("KEY=VALUE", "Show only those for which this holds, such as dangling=true", parseFilter, {
      short: "f",
    }),
    sort: value("KEY", "Sort by created, id, repository, size or tag (created)", parseSort),
    format: formatFlag(),
  },
  run({ flags, words, places }) {
    using engine = openGalley(places);
    const now = Date.now();
    const images = listImages(engine).filter(imageFilter(engine, imageFilters(flags.filter, now)));
    const shown = rowsOf(images, words[0]).toSorted(orders[flags.sort ?? "created"]);
    if (flags.format === "json") return print(json(distinct(shown).map((image) => imageJson(image))));
    const id = (image: ImageSummary): string => (flags["no-trunc"] ? `sha256:${image.id}` : image.id.slice(0, 12));
    if (flags.quiet) return shown.length > 0 ? print(distinct(shown).map(id).join("\n")) : undefined;
    const rows = shown.map(({ image, repository, tag }) => [
      ...[repository, tag, ...(flags.digests ? [image.manifest.digest] : []), id(image)],
      ...[
        humanAge(image.createdAtMs, now),
        humanSize(imageBytes(image)),
        ...(flags.history ? [image.names.join(", ")] : []),
      ],
    ]);
    if (flags.noheading && rows.length === 0) return undefined;
    const headings = [
      "REPOSITORY",
      "TAG",
      ...(flags.digests ? ["DIGEST"] : []),
      "IMAGE ID",
      "CREATED",
      "SIZE",
      ...(flags.history ? ["HISTORY"] : []),
    ];
    return print(table(flags.noheading ? rows : [headings, ...rows]));
  },
});

type Order = "created" | "id" | "repository" | "size" | "tag";

const orders: Readonly<Record<Order, (a: Row, b: Row) => number>> = {
  created: (a, b) => b.image.createdAtMs - a.image.createdAtMs,
  id: (a, b) => compareText(a.image.id, b.image.id),
  repository: (a, b) => compareText(a.repository, b.repository),
  size: (a, b) => imageBytes(b.image) - imageBytes(a.image),
  tag: (a, b) => compareText(a.tag, b.tag),
};

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function parseSort(given: string): Order {
  if (Object.hasOwn(orders, given)) return given as Order;
  throw badValue(`invalid sort option ${JSON.stringify(given)}: must be one of ${Object.keys(orders).join(", ")}`);
}

interface Row {
  readonly image: ImageSummary;
  readonly repository: string;
  readonly tag: string;
}

const none = "<none>";

/** A row for each name of an image; one without a name has one too. */
function rowsOf(images: readonly ImageSummary[], wanted: string | undefined): readonly Row[] {
  const matches = wanted === undefined ? () => true : nameMatcher(wanted);
  return images.flatMap((image) => {
    const rows = image.names.map((name) => ({ image, ...nameParts(name) }));
    return (rows.length > 0 ? rows : [{ image, repository: none, tag: none }]).filter(matches);
  });
}

function nameParts(name: string): { readonly repository: string; readonly tag: string } {
  const { digest: _, tag, ...repository } = parseReference(name);
  return { repository: formatReference(repository), tag: tag ?? none };
}

/** A repository as it is called or its last parts; a tag too if one is given. An id, or its beginning, matches as well. */
function nameMatcher(wanted: string): (row: Row) => boolean {
  const colon = wanted.lastIndexOf(":");
  const tagged = colon > wanted.lastIndexOf("/");
  const repository = tagged ? wanted.slice(0, colon) : wanted;
  const tag = tagged ? wanted.slice(colon + 1) : undefined;
  return (row) =>
    row.image.id.startsWith(wanted) ||
    ((row.repository === repository || row.repository.endsWith(`/${repository}`)) &&
      (tag === undefined || tag === row.tag));
}

function distinct(rows: readonly Row[]): readonly ImageSummary[] {
  return [...new Map(rows.map(({ image }) => [image.id, image])).values()];
}

function imageJson(image: ImageSummary): object {
  const { Labels: labels } = image.execution;
  return {
    Id: image.id,
    ParentId: "",
    RepoTags: null,
    RepoDigests: image.repositoryDigests,
    Size: imageBytes(image),
    SharedSize: 0,
    VirtualSize: imageBytes(image),
    Labels: labels ?? null,
    Containers: 0,
    Names: image.names,
    Digest: image.manifest.digest,
    History: image.names,
    Created: Math.floor(image.createdAtMs / 1000),
    CreatedAt: new Date(image.createdAtMs).toISOString().replace(".000Z", "Z"),
  };
}
