/** Every constant limit of this package. */
export const limits = {
  /** The kernel refuses longer programs (bpf(2), BPF_MAXINSNS). */
  instructions: 4096,
  /** A profile file; Docker's default is 20 kB. */
  profileBytes: 1024 * 1024,
  /** Rules of one profile. */
  rules: 4096,
  /** Names of one rule. */
  names: 1024,
  /** Conditions of one rule; runtimes treat more than six as alternatives. */
  conditions: 64,
} as const;
