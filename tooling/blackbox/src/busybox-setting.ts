import { makeBusyboxImage, type RunningRegistry, startDebianRegistry } from "@galley/testing-images";
import { type GalleyHome, makeHome } from "./galley-home.ts";

/** A registry with a busybox image, and a home that has pulled it. */
export interface BusyboxSetting extends AsyncDisposable {
  readonly registry: RunningRegistry;
  /** `127.0.0.1:PORT/busybox:latest` */
  readonly image: string;
  readonly home: GalleyHome;
}

/** Makes what most files here begin with. */
export async function busyboxSetting(): Promise<BusyboxSetting> {
  await using stack = new AsyncDisposableStack();
  const registry = stack.use(await startDebianRegistry());
  const image = `${registry.address}/busybox:latest`;
  await makeBusyboxImage(image);
  const home = stack.use(await makeHome());
  await home.ok("pull", "-q", image);
  const kept = stack.move();
  return { registry, image, home, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
