import { type Digest, digestOf } from "@galley/spec";

/**
 * The chain id of every layer, lowest first: what names a layer together with all beneath it (OCI image-spec, config.md
 * "Layer ChainID"). The specification does not say of which algorithm; its own code (identity.ChainID) takes sha256, also over
 * diff ids of sha512, and so does everybody.
 *
 * @example
 * const [base, ...rest] = chainIds(config.rootfs.diff_ids);
 */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`));
  }
  return chain;
}
