import type { ContentOptions, Descriptor } from "@galley/spec";
import { callRepeatedly, type Session } from "./session.ts";

/** Whether the repository has the blob. */
export async function hasBlob(session: Session, { digest }: Descriptor, { signal }: ContentOptions): Promise<boolean> {
  const reply = await callRepeatedly(session, {
    ...(signal && { signal }),
    method: "HEAD",
    at: `blobs/${digest}`,
    doing: `look for blob ${digest}`,
    access: "pull",
    accept: [200, 404],
  });
  await reply.drop();
  if (reply.status === 200) session.absent.delete(digest);
  else session.absent.add(digest);
  return reply.status === 200;
}
