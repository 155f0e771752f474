import { expect, it } from "vitest";

import { startOf } from "./useWindow";

it("shows a short log whole", () => {
  expect(startOf(80, 0, true)).toBe(0);
  expect(startOf(120, 0, true)).toBe(0);
});

it("lets go of the beginning in steps while the end is followed", () => {
  expect(startOf(121, 0, true)).toBe(41);
  expect(startOf(122, 41, true)).toBe(41);
  expect(startOf(161, 41, true)).toBe(41);
  expect(startOf(162, 41, true)).toBe(82);
});

it("takes nothing away from somebody who reads further up", () => {
  expect(startOf(500, 10, false)).toBe(10);
});

it("shows the end of a log that has become shorter", () => {
  expect(startOf(30, 41, true)).toBe(0);
  expect(startOf(200, 300, false)).toBe(120);
});
