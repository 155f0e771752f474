import { expect, it } from "vitest";

import { actionOf, bind, DEFAULT_KEYS, withDefaults } from "./bindings";

const press = (key: string) => ({ key, ctrlKey: false, metaKey: false, altKey: false });

it("gives an action a key that is free", () => {
  const after = bind(DEFAULT_KEYS, "takeOver", "g");
  if (typeof after === "string") throw new Error(after);
  expect(actionOf(press("g"), after)).toBe("takeOver");
  expect(actionOf(press("G"), after)).toBe("takeOver");
  expect(actionOf(press("t"), after)).toBeNull();
});

it("says what a key does already", () => {
  expect(bind(DEFAULT_KEYS, "takeOver", "j")).toBe("next");
  expect(bind(DEFAULT_KEYS, "takeOver", "7")).toBe("row");
  expect(bind(DEFAULT_KEYS, "next", "j")).toEqual(DEFAULT_KEYS);
});

it("leaves a chord to the browser", () => {
  expect(actionOf({ ...press("r"), ctrlKey: true }, DEFAULT_KEYS)).toBeNull();
});

it("has no key twice", () => {
  expect(new Set(Object.values(DEFAULT_KEYS)).size).toBe(Object.keys(DEFAULT_KEYS).length);
});

it("a default gives way to a key that somebody has given to something else", () => {
  const bound = withDefaults({ deny: DEFAULT_KEYS.takeOver });
  expect(bound.deny).toBe(DEFAULT_KEYS.takeOver);
  expect(bound.takeOver).toBe("");
  expect(bound.approve).toBe(DEFAULT_KEYS.approve);
});
