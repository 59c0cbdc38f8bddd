import { expect, test, vi } from "vitest";
import { uploadIdleMs } from "./limits.ts";
import { createMemoryStore } from "./memory-store.ts";
import { findUpload, openUpload, type Uploads, useUpload } from "./uploads.ts";

test("openUpload() discards uploads that nobody has touched for long, except one in use", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const { blobs } = createMemoryStore();
    const uploads: Uploads = new Map();
    const idle = await openUpload({ uploads, repository: "a" }, blobs);
    const busy = await openUpload({ uploads, repository: "a" }, blobs);
    const discard = vi.spyOn(idle.staged, "discard");
    const released = Promise.withResolvers<void>();
    const work = useUpload(busy, () => released.promise);
    vi.advanceTimersByTime(uploadIdleMs + 1);
    const fresh = await openUpload({ uploads, repository: "a" }, blobs);
    expect([...uploads.keys()]).toEqual([busy.id, fresh.id]);
    expect(discard).toHaveBeenCalledOnce();
    expect(() => findUpload(uploads, "a", idle.id)).toThrow(expect.objectContaining({ kind: "not-found" }));
    released.resolve();
    await work;
  } finally {
    vi.useRealTimers();
  }
});
