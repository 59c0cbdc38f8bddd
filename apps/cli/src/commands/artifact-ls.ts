import { type ArtifactSummary, listArtifacts } from "@galley/engine";
import { formatReference, parseReference } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { humanAge, humanSize } from "../output/human.ts";
import { print } from "../output/print.ts";
import { table } from "../output/table.ts";

export const command = defineCommand({
  usage: "",
  description: "Lists the OCI artifacts in the store.",
  example: "galley artifact ls",
  flags: {
    format: formatFlag(),
    "no-trunc": toggle("Do not shorten digests"),
    noheading: toggle("Do not print headings", { short: "n" }),
    quiet: toggle("Print digests only", { short: "q" }),
  },
  run({ flags, places }) {
    using engine = openGalley(places);
    const artifacts = listArtifacts(engine);
    if (flags.format === "json") return print(json(artifacts.map(artifactJson)));
    const digest = (each: ArtifactSummary): string => (flags["no-trunc"] ? each.digest : each.digest.slice(7, 19));
    if (flags.quiet) return artifacts.length > 0 ? print(artifacts.map(digest).join("\n")) : undefined;
    const now = Date.now();
    const rows = artifacts.map((each) => {
      const { repository, tag } = nameParts(each);
      return [repository, tag, digest(each), humanAge(each.createdAtMs, now), humanSize(each.sizeBytes)];
    });
    if (flags.noheading && rows.length === 0) return undefined;
    return print(table(flags.noheading ? rows : [["REPOSITORY", "TAG", "DIGEST", "CREATED", "SIZE"], ...rows]));
  },
});

function nameParts({ name }: ArtifactSummary): { readonly repository: string; readonly tag: string } {
  const { tag = "", digest: _, ...repository } = parseReference(name);
  return { repository: formatReference(repository), tag };
}

function artifactJson(artifact: ArtifactSummary): object {
  const { repository, tag } = nameParts(artifact);
  return {
    Repository: repository,
    Tag: tag,
    Digest: artifact.digest,
    Type: artifact.artifactType,
    Size: artifact.sizeBytes,
    CreatedAt: new Date(artifact.createdAtMs).toISOString(),
  };
}
