import { defineConfig } from "vitest/config";

const hostTests = "**/*.host.test.ts";
const guestTests = "**/*.guest.test.ts";
const folders = ["packages/*", "apps/*", "tooling/*"];
const beneath = (pattern: string): string[] => folders.map((folder) => `${folder}/${pattern}`);
const unbuilt = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  resolve: { conditions: ["@galley/source"] },
  ssr: { resolve: { conditions: ["@galley/source"] } },
  test: {
    reporters: ["default", "./tooling/vitest/closing-line-reporter.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: beneath("**/*.test.ts"),
          exclude: [...unbuilt, hostTests, guestTests],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Needs a kernel, root or outside programs; one file at a time, since they share the host's mounts and cgroups.
        extends: true,
        test: {
          name: "host",
          include: beneath(hostTests),
          exclude: unbuilt,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
