/** The engine's own version, and of the interfaces that it speaks. */
export const engineVersion = { version: "0.1.0", ociRuntimeSpec: "1.2.1" } as const;
