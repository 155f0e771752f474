import { expect, it } from "vitest";

import type { Entry } from "../api/types";
import { cautionOf } from "./caution";

const entry = (seq: number, kind: string, actor: string, data: Record<string, unknown>) =>
  ({ seq, at_us: 0, kind, actor, epoch: 1, data, redacted: false }) as unknown as Entry;
const shown = entry(5, "SuggestionShown", "system", {
  suggestion_id: "caution_threat:c:4",
  worker_id: "ann",
  kind: "empathy",
  text: "Please go to a safe place.",
  source: "caution_threat",
});

it("offers the careful sentence to the worker it was suggested to, until they write", () => {
  expect(cautionOf([shown], "ann")?.text).toBe("Please go to a safe place.");
  expect(cautionOf([shown], "bob")).toBeUndefined();
  expect(cautionOf([shown, entry(6, "MessagePosted", "worker:ann", { author: "worker" })], "ann")).toBeUndefined();
  expect(cautionOf([shown, entry(6, "MessagePosted", "customer:k", { author: "customer" })], "ann")).toBeDefined();
});

it("takes no other suggestion for one", () => {
  const other = entry(5, "SuggestionShown", "worker:ann", { ...shown.data, source: "refund.toml" });
  expect(cautionOf([other], "ann")).toBeUndefined();
});
