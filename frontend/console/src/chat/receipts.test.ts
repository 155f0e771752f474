import { expect, it } from "vitest";

import type { Entry } from "../api/types";
import { receiptOf } from "./receipts";

const entry = (seq: number, kind: string, data: Record<string, unknown> = {}) => ({ seq, kind, data }) as unknown as Entry;
const whisper = entry(5, "WhisperSent", { text: "shipping is free" });
const began = (seq: number, turn_id: string, basis_seq: number) => entry(seq, "TurnStarted", { turn_id, basis_seq });
const said = (seq: number, turn_id: string) => entry(seq, "MessagePosted", { author: "ai", turn_id });
const ended = (seq: number, turn_id: string, outcome: string) => entry(seq, "TurnFinished", { turn_id, outcome });

const after = (...entries: Entry[]) => receiptOf([whisper, ...entries], whisper);

it("names the message that was said with it in mind", () => {
  expect(after(began(6, "t1", 5), said(7, "t1"), ended(8, "t1", "answered"))).toEqual({ what: "said", seq: 7 });
});

it("counts no message of a turn that began before it", () => {
  expect(after(said(6, "t0"), ended(7, "t0", "answered"))).toEqual({ what: "waits" });
  expect(after(began(6, "t1", 4), said(7, "t1"))).toEqual({ what: "waits" });
});

it("says that it was read and led to nothing yet, and which later message had it in mind", () => {
  const read = [began(6, "t1", 5), ended(7, "t1", "nothing")];
  expect(after(...read)).toEqual({ what: "nothing" });
  expect(after(...read, began(9, "t2", 8), said(10, "t2"))).toEqual({ what: "said", seq: 10 });
});

it("says why not: nobody read it, the fence refused what was said, the turn failed, a person was asked", () => {
  const taken = (seq: number) => entry(seq, "HolderChanged", { to: { kind: "worker" } });
  expect(after(taken(6), began(9, "t2", 8), said(10, "t2"))).toEqual({ what: "unread" });
  expect(after(began(6, "t1", 5), taken(7))).toEqual({ what: "withheld" });
  expect(after(began(6, "t1", 5), entry(7, "DraftDiscarded", { turn_id: "t1" }))).toEqual({ what: "withheld" });
  expect(after(began(6, "t1", 5), entry(7, "TurnFailed", { turn_id: "t1" }))).toEqual({ what: "failed" });
  expect(after(began(6, "t1", 5), ended(7, "t1", "gave_up"))).toEqual({ what: "passed" });
});
