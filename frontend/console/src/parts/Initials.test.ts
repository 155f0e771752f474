import { expect, it } from "vitest";

import { initialsOf } from "./Initials";

it.each([
  ["Alice Okoro", "AO"],
  ["Dora", "D"],
  ["customer-10050-of-shop-7", "CS"],
  ["Visitor 0f75", "V"],
  ["Ada (simulated)", "A"],
  ["10050", "1"],
  ["王小明", "王"],
  ["Émile de la Tour", "ÉT"],
  ["", "?"],
])("the initials of %s are %s", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
