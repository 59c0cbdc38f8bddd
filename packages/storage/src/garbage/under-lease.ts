import type { Content } from "../content/open-content.ts";
import type { Lease } from "./open-leases.ts";

/**
 * The same content store, which leases every object before it looks for it or writes it: what a copy found or brought
 * cannot be collected before its record is written.
 *
 * @example
 * const to = underLease(storage.content, lease);
 */
export function underLease(content: Content, lease: Lease): Content {
  return {
    ...content,
    async exists(descriptor) {
      await lease.add(descriptor.digest);
      return content.exists(descriptor);
    },
    async push(descriptor, bytes, options) {
      await lease.add(descriptor.digest);
      return content.push(descriptor, bytes, options);
    },
    async receive(descriptor, open, options) {
      await lease.add(descriptor.digest);
      return content.receive(descriptor, open, options);
    },
  };
}
