import type { KnownDifference } from "./differences.ts";

/** What differs and should not. Whoever mends one takes it out here and in docs/differences.md. */
export const unfixed: readonly KnownDifference[] = [
  {
    heading: "Masks show the host's null device",
    fact: /^(mount|path) \/proc\/\w+$/,
    galley: /^(devtmpfs r[ow],relatime of \/null|character 1:3 of elsewhere 0666)/,
  },
  {
    heading: "Standard input is the host's null device",
    fact: /^descriptor 0$/,
    galley: /^character 1:3 of elsewhere 0666 0:0 to \/dev\/null, read and write$/,
  },
  {
    heading: "The pipes of a user's container belong to root",
    fact: /^descriptor [12]$/,
    galley: /^pipe 0600 0:0 to pipe, write$/,
    other: /^pipe 0600 1000:0 to pipe, write$/,
  },
  { heading: "The main group is not among the groups", fact: /^status Groups$/, galley: /^$/, other: /^1000$/ },
  {
    heading: "--read-only has no writable places",
    fact: /^mount (\/run|\/tmp|\/var\/tmp|\/run\/.containerenv|\/etc\/hosts|\/etc\/hostname)$/,
    galley: /^(|bind rw,relatime; private)$/,
  },
  {
    heading: "--read-only has no writable places",
    fact: /^path \/(run|tmp)$/,
    galley: /, write EROFS$/,
    other: /, can be written$/,
  },
  {
    heading: "/dev/core leads nowhere",
    fact: /^device \/dev\/core$/,
    galley: /^link 0777 0:0 to \/proc\/kcore$/,
    other: /^$/,
  },
  {
    heading: "With the host's network there is no name of the host",
    fact: /^(environment HOSTNAME|mount \/etc\/hostname|text \/etc\/hostname)$/,
    galley: /^(ENOENT)?$/,
  },
];
