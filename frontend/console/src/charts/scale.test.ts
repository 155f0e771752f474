import { expect, test } from "vitest";

import { runsOf } from "./DayChart";
import { daysBetween, ticks } from "./scale";

test("marks are round, begin at the bottom and reach the top", () => {
  expect(ticks(0, 7)).toEqual([0, 5, 10]);
  expect(ticks(0, 0.31)).toEqual([0, 0.2, 0.4]);
  expect(ticks(0, 0)).toEqual([0, 1]);
  expect(ticks(0, 0.95, 1)).toEqual([0, 0.5, 1]);
  expect(ticks(0, 4.4, 5)).toEqual([0, 2, 5]);
  for (const high of [0.0013, 3, 42, 999, 1e6]) {
    const marks = ticks(0, high);
    expect(marks[0]).toBe(0);
    expect(marks[marks.length - 1]).toBeGreaterThanOrEqual(high);
    expect(marks.length).toBeLessThanOrEqual(5);
  }
});

test("no day is left out, across months and a leap day", () => {
  expect(daysBetween("2028-02-28", "2028-03-01")).toEqual(["2028-02-28", "2028-02-29", "2028-03-01"]);
  expect(daysBetween("2026-01-01", "2026-01-01")).toHaveLength(1);
  expect(daysBetween("2026-01-02", "2026-01-01")).toEqual([]);
});

test("a day without a value breaks the line", () => {
  const points = [1, null, 2, 3].map((value, i) => ({ day: String(i), value }));
  expect(runsOf(points)).toEqual([
    [[0, 1]],
    [
      [2, 2],
      [3, 3],
    ],
  ]);
});
