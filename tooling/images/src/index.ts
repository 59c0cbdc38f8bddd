export { busyboxLayer } from "./busybox-layer.ts";
export { type RunningRegistry, startDebianRegistry } from "./debian-registry.ts";
export { type BusyboxImageOptions, makeBusyboxImage, makeBusyboxLayout } from "./make-busybox-image.ts";
export { findProgram, missingForHostTest } from "./missing-programs.ts";
export { type ImageParts, writeOciLayout } from "./oci-layout.ts";
export { type PushOptions, pushWithSkopeo } from "./push-with-skopeo.ts";
export { type LayerEntry, tarLayer } from "./tar-layer.ts";
