import type { KnownDifference } from "./differences.ts";

/** What differs on purpose, or because the other side is older: one heading of docs/differences.md for each group. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    heading: "Control groups are seen from inside",
    fact: /^namespace cgroup$/,
    galley: /^new$/,
    other: /^the host's$/,
  },
  { heading: "Control groups are seen from inside", fact: /^cgroup /, galley: /^\/$/, other: /^\/galley-probe-/ },
  {
    heading: "Control groups are seen from inside",
    fact: /^mount \/sys\/fs\/cgroup\/[a-z,]+$/,
    galley: /^cgroup r[ow],nosuid,nodev,noexec,relatime of \/; /,
    other: /^cgroup r[ow],nosuid,nodev,noexec,relatime of \/galley-probe-[0-9a-f]+; /,
  },
  {
    heading: "The directory of the control groups is read-only",
    fact: /^mount \/sys\/fs\/cgroup$/,
    galley: /^tmpfs ro,nosuid,nodev,noexec,relatime of \/; rw,mode=755; private$/,
    other: /^tmpfs rw,nosuid,nodev,noexec,relatime of \/; rw,mode=755; private$/,
  },
  {
    heading: "The directory of the control groups is read-only",
    fact: /^path \/sys\/fs\/cgroup$/,
    galley: /^directory 0755 0:0, can be read, (write EROFS|write EACCES|can be written)$/,
    other: /^directory 0555 0:0, /,
  },
  {
    heading: "More of /proc and /sys is hidden",
    fact: /^(path|mount) (\/proc\/interrupts|\/sys\/devices\/virtual\/powercap|\/proc\/asound)$/,
    galley:
      /^(character 1:3 of \S+ 0666 0:0, reads as empty|directory \d+ 0:0, reads as empty|\w+ .* of (\/null|\/); )/,
  },
  {
    heading: "The root's overlay does not follow redirects",
    fact: /^mount \/$/,
    galley: /^overlay r[ow],relatime of \/; rw,redirect_dir=nofollow,uuid=on; private$/,
    other: /^overlay r[ow],relatime of \/; rw,uuid=on; private$/,
  },
  {
    heading: "A root directory that no layer describes has mode 0755",
    fact: /^path \/$/,
    galley: /^directory 0755 0:0, /,
    other: /^directory 0555 0:0, /,
  },
  {
    heading: "/etc/hosts is not copied from the host",
    fact: /^text \/etc\/hosts$/,
    other: /host\.containers\.internal/,
  },
  { heading: "The environment names Galley", fact: /^environment container$/, galley: /^galley$/, other: /^podman$/ },
  {
    heading: "Calls that Debian's libseccomp does not know",
    fact: /^call X(86_64|86) (45[7-9]|46[0-9]) \w+$/,
    galley: /^(EINVAL|E2BIG|EPERM)$/,
    other: /^ENOSYS$/,
  },
  {
    heading: "Calls that Debian's libseccomp does not know",
    fact: /^call X32 (335 uretprobe|4(53|57|58|62|63|64|65|66) \w+)$/,
    galley: /^ENOSYS$/,
    other: /^EPERM$/,
  },
  {
    heading: "The session key ring cannot be searched",
    fact: /^process keyringDescription$/,
    galley: /^keyring;0;0;3f130000;<its own name>$/,
    other: /^keyring;0;0;3f1b0000;<its own name>$/,
  },
  {
    heading: "A privileged container gets no virtual consoles",
    fact: /^device \/dev\/tty\d+$/,
    galley: /^$/,
    other: /^character 4:/,
  },
  {
    heading: "The standard input of an exec",
    fact: /^descriptor 0$/,
    galley: /^character 1:3 of elsewhere 0666 0:0 to \/null, read$/,
    other: /^character 1:3 of elsewhere 0666 0:0 to \/dev\/null, read$/,
  },
  {
    heading: "A read-only container still has /run/.containerenv",
    fact: /^mount \/run\/\.containerenv$/,
    galley: /^bind ro,nosuid,nodev,noexec,relatime; private$/,
  },
  {
    heading: "A read-only container still has /run/.containerenv",
    fact: /^mount \/run$/,
    galley: /; rw,mode=755; private$/,
    other: /; rw; private$/,
  },
  {
    heading: "A read-only container still has /run/.containerenv",
    fact: /^path \/run$/,
    galley: /, can be read, can be written$/,
    other: /, reads as empty, can be written$/,
  },
];
