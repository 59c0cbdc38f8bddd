import { type DiskUsage, diskUsage, type KindUsage } from "@galley/engine";
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
  description: "Shows how much of the disk images, containers, artifacts and left-overs take, as du(1) would count it.",
  example: "galley system df -v",
  needsRoot: true,
  flags: {
    verbose: toggle("Show every image and container", { short: "v" }),
    format: formatFlag(),
  },
  async run({ flags, places }) {
    using engine = openGalley(places);
    const usage = await diskUsage(engine);
    if (flags.format === "json") return print(json(flags.verbose ? verboseJson(usage) : kinds(usage).map(kindJson)));
    return print(flags.verbose ? verboseText(usage) : totalsTable(usage));
  },
});

interface Kind extends KindUsage {
  readonly type: string;
}

function kinds({ totals }: DiskUsage): Kind[] {
  return [
    { type: "Images", ...totals.images },
    { type: "Containers", ...totals.containers },
    { type: "Artifacts", ...totals.artifacts },
    { type: "Left-overs", ...totals.leftOvers },
  ];
}

function totalsTable(usage: DiskUsage): string {
  const rows = kinds(usage).map(({ type, count, activeCount, sizeBytes, reclaimableBytes }) => {
    const percent = sizeBytes === 0 ? 0 : Math.round((100 * reclaimableBytes) / sizeBytes);
    return [
      type,
      String(count),
      String(activeCount),
      humanSize(sizeBytes),
      `${humanSize(reclaimableBytes)} (${percent}%)`,
    ];
  });
  const head = table([["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"], ...rows]);
  return `${head}\n\nAll of the store, records included: ${humanSize(usage.sizeBytes)}`;
}

function verboseText(usage: DiskUsage): string {
  const now = Date.now();
  const images = usage.images.map(({ image, sizeBytes, sharedBytes, containerCount }) => {
    const {
      tag = "<none>",
      digest: _,
      ...repository
    } = image.names[0] ? parseReference(image.names[0]) : { tag: "<none>" };
    const name = "domain" in repository ? formatReference(repository) : "<none>";
    return [
      ...[name, tag, image.id.slice(0, 12), humanAge(image.createdAtMs, now), humanSize(sizeBytes)],
      ...[humanSize(sharedBytes), humanSize(sizeBytes - sharedBytes), String(containerCount)],
    ];
  });
  const containers = usage.containers.map(({ container, sizeBytes }) => [
    ...[
      container.id.slice(0, 12),
      container.imageId.slice(0, 12),
      container.command.join(" ").replace(/[\x00-\x1f\x7f]/g, " "),
    ],
    ...[humanSize(sizeBytes), humanAge(container.createdAtMs, now), container.status, container.name],
  ]);
  return [
    "Images space usage:\n",
    table([
      ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"],
      ...images,
    ]),
    "\nContainers space usage:\n",
    table([["CONTAINER ID", "IMAGE", "COMMAND", "SIZE", "CREATED", "STATUS", "NAMES"], ...containers]),
    `\n${totalsTable(usage)}`,
  ].join("\n");
}

function kindJson({ type, count, activeCount, sizeBytes, reclaimableBytes }: Kind): object {
  return {
    Type: type,
    Total: count,
    Active: activeCount,
    RawSize: sizeBytes,
    RawReclaimable: reclaimableBytes,
    TotalCount: count,
    Size: humanSize(sizeBytes),
    Reclaimable: humanSize(reclaimableBytes),
  };
}

function verboseJson(usage: DiskUsage): object {
  return {
    Images: usage.images.map(({ image, sizeBytes, sharedBytes, containerCount }) => ({
      Names: image.names,
      ImageID: image.id,
      Created: new Date(image.createdAtMs).toISOString(),
      Size: sizeBytes,
      SharedSize: sharedBytes,
      UniqueSize: sizeBytes - sharedBytes,
      Containers: containerCount,
    })),
    Containers: usage.containers.map(({ container, sizeBytes }) => ({
      ContainerID: container.id,
      Image: container.imageId,
      Command: container.command,
      Size: sizeBytes,
      Created: new Date(container.createdAtMs).toISOString(),
      Status: container.status,
      Names: container.name,
    })),
    Size: usage.sizeBytes,
  };
}
