import { expect, test } from "vitest";
import { mergeScopes, scopeActions } from "./scopes.ts";

test.each([
  [[], []],
  [["repository:a:pull", "repository:a:pull,push"], ["repository:a:pull,push"]],
  [["repository:a:pull repository:b:pull"], ["repository:a:pull", "repository:b:pull"]],
  [["repository:h:5000/a:pull", "repository:h:5000/a:delete"], ["repository:h:5000/a:pull,delete"]],
  [["registry:catalog:*"], ["registry:catalog:*"]],
  [["", " ", "nonsense"], []],
])("mergeScopes() makes of %j %j", (scopes, merged) => {
  expect(mergeScopes(scopes)).toEqual(merged);
});

test("scopeActions() tells single actions apart", () => {
  expect([...scopeActions(["repository:a:pull,push", "repository:b:pull"])]).toEqual([
    "repository:a:pull",
    "repository:a:push",
    "repository:b:pull",
  ]);
});
