import { expect, it } from "vitest";

import type { Entry } from "../api/types";
import { say } from "../i18n";
import { withoutRepeats } from "./folded";

const english: Parameters<typeof withoutRepeats>[1] = (key, values) => say("en", key, values);
const entry = (seq: number, kind: string, data: Record<string, unknown>, redacted = false) =>
  ({ seq, at_us: seq, kind, actor: "system", epoch: 1, data, redacted }) as unknown as Entry;
const asked = (seq: number, reason: string) => entry(seq, "FlagRaised", { cause: "requested", reason });
const wrote = (seq: number) => entry(seq, "MessagePosted", { author: "customer", text: "a person!" });
const draft = (seq: number, text: string, turn = "t1", redacted = false) => entry(seq, "DraftDiscarded", { turn_id: turn, text }, redacted);
const seqs = (...entries: Entry[]) => withoutRepeats(entries, english).map((e) => e.seq);

it("says once that a person was asked for, whoever flagged it", () => {
  expect(seqs(wrote(1), asked(2, "requested"), asked(3, "asked for a person"))).toEqual([1, 2]);
  expect(seqs(wrote(1), asked(2, "asked_for_person"), asked(3, "requested"))).toEqual([1, 2]);
});

it("says it again when the customer asks again, and says another reason", () => {
  expect(seqs(wrote(1), asked(2, ""), wrote(3), asked(4, ""))).toEqual([1, 2, 3, 4]);
  expect(seqs(wrote(1), asked(2, ""), asked(3, "their bank has called"))).toEqual([1, 2, 3]);
});

it("shows one draft of a turn, as far as it got", () => {
  expect(seqs(draft(1, "Your parcel"), draft(2, "Your parcel comes tomorrow."))).toEqual([2]);
  expect(seqs(draft(1, "Your parcel comes tomorrow."), draft(2, "Your parcel"))).toEqual([1]);
});

it("shows drafts that differ, of another turn, or whose words were taken out", () => {
  expect(seqs(draft(1, "Your parcel"), draft(2, "I am sorry."))).toEqual([1, 2]);
  expect(seqs(draft(1, "Your parcel"), draft(2, "Your parcel", "t2"))).toEqual([1, 2]);
  expect(seqs(draft(1, "", "t1", true), draft(2, "Your parcel"))).toEqual([1, 2]);
});
