import { describe, expect, test } from "vitest";
import { findPlaces } from "./places.ts";

describe("findPlaces()", () => {
  test("findPlaces() gives root the system's places", () => {
    expect(findPlaces({}, { uid: 0, environment: { XDG_DATA_HOME: "/x" } })).toEqual({
      root: "/var/lib/galley",
      runroot: "/run/galley",
    });
  });

  test("findPlaces() gives others the XDG places", () => {
    const environment = { HOME: "/home/me", XDG_DATA_HOME: "/data", XDG_RUNTIME_DIR: "/run/user/7" };
    expect(findPlaces({}, { uid: 1000, environment })).toEqual({ root: "/data/galley", runroot: "/run/user/7/galley" });
  });

  test("findPlaces() ignores relative XDG values", () => {
    const environment = { HOME: "/home/me", XDG_DATA_HOME: "data", XDG_RUNTIME_DIR: "" };
    const places = { root: "/home/me/.local/share/galley", runroot: "/run/user/1000/galley" };
    expect(findPlaces({}, { uid: 1000, environment })).toEqual(places);
  });

  test("findPlaces() takes what was asked for, made absolute", () => {
    expect(findPlaces({ root: "/r/../s", runroot: "t" }, { uid: 0, environment: {} })).toEqual({
      root: "/s",
      runroot: `${process.cwd()}/t`,
    });
  });
});
