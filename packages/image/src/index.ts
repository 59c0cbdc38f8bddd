export { type ByteFile, bufferFile, type Spool } from "./archive/byte-file.ts";
export { writeDockerDirectory } from "./archive/docker-directory.ts";
export type { ArchivedImage, ArchiveFormat, ImageArchive, ImageToArchive } from "./archive/image-archive.ts";
export type { NamedFiles } from "./archive/named-files.ts";
export { detectFormat, type OpenArchiveOptions, openArchive, openDirectory } from "./archive/open-archive.ts";
export { type WriteDockerArchiveOptions, writeDockerArchive } from "./archive/write-docker-archive.ts";
export { writeOciArchive } from "./archive/write-oci-archive.ts";
export { type CompressOptions, compress } from "./compression/compress.ts";
export { type Compression, type DecompressOptions, decompress, detectCompression } from "./compression/decompress.ts";
export { type Measured, measured } from "./content/measured.ts";
export { type MemoryContent, memoryContent } from "./content/memory-content.ts";
export { readContent } from "./content/read-content.ts";
export { verified } from "./content/verified.ts";
export { type ConvertedImage, type ConvertImageOptions, convertImage } from "./convert/convert-image.ts";
export { isForeignLayer, type MediaFamily } from "./convert/media-family.ts";
export { type CopyImageOptions, type CopyProgress, type CopyTarget, copyImage } from "./copy/copy-image.ts";
export { type ImagePart, type WalkOptions, walkImage } from "./copy/walk-image.ts";
export { flattenLayers } from "./flatten/flatten-layers.ts";
export {
  type CreateIndexOptions,
  createIndex,
  editIndex,
  type IndexEdit,
  type MadeDocument,
  type PairEdits,
} from "./indexes/edit-index.ts";
export { indexMembers } from "./indexes/index-members.ts";
export type { LayerAttributes, LayerChange } from "./layer/layer-change.ts";
export { type LayerChangesOptions, layerChanges } from "./layer/layer-changes.ts";
export { type LayerStepsOptions, layerSteps } from "./layer/layer-steps.ts";
export { type Layout, type LayoutFiles, openLayout } from "./layout/open-layout.ts";
export { defaultExpansion, defaultLayerLimits, type LayerLimits } from "./limits.ts";
export {
  type ArtifactFile,
  type CreateArtifactOptions,
  type CreatedArtifact,
  createArtifact,
} from "./make/create-artifact.ts";
export { type CreatedImage, type CreateImageOptions, createImage, type ImageLayerInput } from "./make/create-image.ts";
export { createLayer, type LayerEntry } from "./make/create-layer.ts";
export type { AppendedLayer } from "./mutate/append-layer.ts";
export { applyChanges, type ConfigChange } from "./mutate/config-change.ts";
export { type MutatedImage, type MutateImageOptions, mutateImage } from "./mutate/mutate-image.ts";
export { parseChange } from "./mutate/parse-change.ts";
export { type ChangesOfOptions, changesOf } from "./tree/changes-of.ts";
export { layerDifferences } from "./tree/layer-differences.ts";
export type { TreeDifference } from "./tree/tree-difference.ts";
export { treeDifferences } from "./tree/tree-differences.ts";
export type { TreeEntry } from "./tree/tree-entry.ts";
export { writeChanges } from "./tree/write-changes.ts";
export { writeLayer } from "./tree/write-layer.ts";
export { chainIds } from "./view/chain-ids.ts";
export { choosePlatform } from "./view/choose-platform.ts";
export { type ImageLayer, type ImageView, type OpenImageOptions, openImage } from "./view/open-image.ts";
