/** Largest registries.conf, certificate or key. */
export const maxConfFileBytes = 1024 * 1024;
