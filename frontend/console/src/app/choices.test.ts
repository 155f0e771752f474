import { expect, it } from "vitest";

import { type Choice, matching } from "./choices";

const choice = (id: string, words: string, more = ""): Choice => ({ id, words, more, hint: "", go: () => undefined });
const ALL = [
  choice("take", "Take over"),
  choice("hand", "Hand back"),
  choice("dora", "Dora · the refund", "c1001 my blender hums"),
  choice("zh", "江若兰"),
];
const ids = (typed: string) => matching(ALL, typed).map((c) => c.id);

it("finds by the beginnings of words, in the name before elsewhere", () => {
  expect(ids("")).toEqual(["take", "hand", "dora", "zh"]);
  expect(ids("ov")).toEqual(["take"]);
  expect(ids("ref dor")).toEqual(["dora"]);
  expect(ids("c1001")).toEqual(["dora"]);
  expect(ids("若兰")).toEqual(["zh"]);
  expect(ids("lender")).toEqual([]);
});
