import { capabilitySet } from "./capability-set.ts";

/**
 * What Podman gives a container that asks for nothing (containers-common, `default_capabilities`): enough for package
 * managers, for services that start as root and step down, and for ports below 1024.
 *
 * @example
 * capabilityNames(podmanCapabilities).length; // 11
 */
export const podmanCapabilities = capabilitySet([
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_NET_BIND_SERVICE",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
]);

/**
 * What Docker gives a container that asks for nothing: three more than Podman. AUDIT_WRITE lets sshd and sudo log in, MKNOD makes
 * device nodes (which the device cgroup then guards), and NET_RAW opens raw sockets, with which a container can
 * forge packets on a shared bridge: the reasons why Podman leaves them out.
 *
 * @example
 * capabilityNames(dockerCapabilities & ~podmanCapabilities); // CAP_NET_RAW, CAP_MKNOD, CAP_AUDIT_WRITE
 */
export const dockerCapabilities = podmanCapabilities | capabilitySet(["CAP_AUDIT_WRITE", "CAP_MKNOD", "CAP_NET_RAW"]);
