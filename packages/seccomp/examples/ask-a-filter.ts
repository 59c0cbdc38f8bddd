import { compileSeccomp, defaultProfile, resolveProfile, simulate, systemCallNumber } from "@galley/seccomp";

const container = { architecture: "amd64", capabilities: ["CAP_CHOWN"], kernelVersion: "6.1.0" };
const program = compileSeccomp(resolveProfile(defaultProfile, container), container);
console.log(`a filter of ${program.byteLength / 8} instructions`);

const architecture = "SCMP_ARCH_X86_64";
for (const name of ["openat", "mount", "clone3", "ptrace"]) {
  const number = systemCallNumber(architecture, name) ?? -1;
  const { action, data, steps } = simulate(program, { architecture, number });
  console.log(`${name}: ${action} ${data}, after ${steps} instructions`);
}
