import { expect, it } from "vitest";

import type { Entry } from "../api/types";
import { type Pending, underWay } from "./pending";

const one = (id: number, text: string, more: Partial<Pending> = {}): Pending => ({
  id,
  chatId: "c",
  mode: "reply",
  text,
  since: 4,
  ...more,
});
const line = (seq: number, text: string, actor = "worker:ann", kind = "MessagePosted") =>
  ({ seq, kind, actor, data: { text } }) as unknown as Entry;
const left = (pending: Pending[], ...entries: Entry[]) => underWay(pending, entries, "worker:ann").map((p) => p.id);

it("is under way until its own line has come", () => {
  expect(left([one(1, "hello")])).toEqual([1]);
  expect(left([one(1, "hello")], line(3, "hello"), line(5, "hello", "worker:ben"), line(6, "other"))).toEqual([1]);
  expect(left([one(1, "hello")], line(5, "hello"))).toEqual([]);
  expect(left([one(1, "hello", { mode: "whisper" })], line(5, "hello"))).toEqual([1]);
  expect(left([one(1, "hello", { mode: "whisper" })], line(5, "hello", "worker:ann", "WhisperSent"))).toEqual([]);
});

it("one line answers for one of two that say the same", () => {
  expect(left([one(1, "ok"), one(2, "ok")], line(5, "ok"))).toHaveLength(1);
  expect(left([one(1, "ok"), one(2, "ok")], line(5, "ok"), line(6, "ok"))).toEqual([]);
});
