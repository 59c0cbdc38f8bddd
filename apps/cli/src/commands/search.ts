import { type FoundRepository, listRemoteTags, type SearchImagesOptions, searchImages } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { list, toggle, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { print } from "../output/print.ts";
import { table } from "../output/table.ts";
import { registryAccessOf, registryFlags } from "../registry-flags/registry-flags.ts";
import { parseCount } from "../values/parse-number.ts";
import { parseSearchFilter, searchFilters } from "../values/search-filters.ts";

const { authfile, "cert-dir": certDir, creds, "tls-verify": tlsVerify } = registryFlags;
const shownCharacters = 44;
const usualLimit = 25;

export const command = defineCommand({
  usage: "TERM",
  description:
    "Looks for images in the registry that the term begins with, or else in those that registries.conf names; Docker Hub when it names none.",
  example: "galley search --limit 5 docker.io/alpine",
  atLeast: 1,
  atMost: 1,
  flags: {
    limit: value("NUMBER", "Show at most so many (25)", parseCount),
    filter: list("KEY=VALUE", "Only those for which this holds: stars, is-official, is-automated", parseSearchFilter, {
      short: "f",
    }),
    "list-tags": toggle("Show the tags of the repository that the term names"),
    "no-trunc": toggle("Do not shorten descriptions"),
    compatible: toggle("Show stars, official and automated too"),
    format: formatFlag(),
    ...{ authfile, "cert-dir": certDir, creds, "tls-verify": tlsVerify },
  },
  async run({ flags, words }) {
    const [term = ""] = words;
    if (term === "") throw badValue("search: a term is needed");
    const limit = flags.limit || usualLimit;
    const access = registryAccessOf(flags);
    if (flags["list-tags"]) return showTags(term, { ...access, limit, asJson: flags.format === "json" });
    const found = await searchImages(term, { ...access, limit, ...searchFilters(flags.filter) });
    if (flags.format === "json") return print(json(found.map(asJson)));
    return found.length > 0 ? print(asTable(found, flags)) : undefined;
  },
});

async function showTags(
  name: string,
  { limit, asJson: wantsJson, ...access }: SearchImagesOptions & { limit: number; asJson: boolean },
): Promise<void> {
  const tags: string[] = [];
  for await (const tag of listRemoteTags(name, access)) if (tags.push(tag) >= limit) break;
  if (wantsJson) return print(json([{ Name: name, Tags: tags }]));
  await print(table([["NAME", "TAG"], ...tags.map((tag) => [name, tag])]));
}

function asTable(
  found: readonly FoundRepository[],
  { "no-trunc": whole, compatible }: { "no-trunc": boolean; compatible: boolean },
): string {
  const more = compatible ? ["STARS", "OFFICIAL", "AUTOMATED"] : [];
  const rows = found.map((each) => [
    ...[each.name, whole ? each.description : shortened(each.description)],
    ...(compatible ? [String(each.starCount), mark(each.isOfficial), mark(each.isAutomated)] : []),
  ]);
  return table([["NAME", "DESCRIPTION", ...more], ...rows]);
}

function asJson({ index, name, description, starCount, isOfficial, isAutomated }: FoundRepository): object {
  return {
    Index: index,
    Name: name,
    Description: description,
    Stars: starCount,
    Official: mark(isOfficial),
    Automated: mark(isAutomated),
    Tag: "",
  };
}

function mark(is: boolean): string {
  return is ? "[OK]" : "";
}

function shortened(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}...` : text;
}
