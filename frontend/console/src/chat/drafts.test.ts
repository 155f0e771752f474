import { expect, it } from "vitest";

import type { Body } from "./commands";
import { behind, type Returned, unchanged } from "./drafts";

const came = (text: string): Returned => ({ text, body: { type: "AddNote", text, command_id: text } as Body });
const both = [came("one"), came("two\nlines")];

it("keeps the ids of what stands in the field as it came back", () => {
  expect(unchanged(both, "one\ntwo\nlines")).toEqual(both);
  expect(unchanged(both, "one\ntwo\nlines\nand more")).toEqual(both);
  expect(behind(both, "one\ntwo\nlines\nand more")).toBe("and more");
  expect(unchanged(both, "one")).toEqual([both[0]]);
});

it("forgets the ids from the first change on", () => {
  expect(unchanged(both, "one!\ntwo\nlines")).toEqual([]);
  expect(unchanged(both, "one\ntwo")).toEqual([both[0]]);
  expect(unchanged(both, "")).toEqual([]);
});
