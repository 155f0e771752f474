import { expect, it } from "vitest";

import { initialsOf } from "./Initials";

it.each([
  ["Alice Okoro", "AO"],
  ["Dora", "D"],
  ["customer-10050-of-shop-7", "C7"],
  ["王小明", "王"],
  ["Émile de la Tour", "ÉT"],
  ["", "?"],
])("the initials of %s are %s", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
