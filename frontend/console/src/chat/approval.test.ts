import { expect, it } from "vitest";

import { say } from "../i18n";
import { sentenceOf } from "./approval";

const en = (key: Parameters<typeof say>[1], values?: Record<string, string | number>) => say("en", key, values);

it("says the deed and the sum first, as the record writes it", () => {
  const records = { order: "ST-178822", status: "delivered", total: "£198.00", item: "air fryer", variant: "silver", price: "£119.00" };
  const action = { tool: "refund_item", arguments: { order: "ST-178822", item: 2 }, records, amount: 119 };
  expect(sentenceOf(action, en)).toBe("Refund £119.00 · air fryer, silver · order ST-178822");
});

it("says the sum without a currency where no record has it", () => {
  const action = { tool: "refund", arguments: { order: "A-1001", amount: 50 }, records: { order: { owner: "dora" } }, amount: 50 };
  expect(sentenceOf(action, en)).toBe("Refund 50 · order A-1001");
});

it("says what is changed where no money moves", () => {
  const action = { tool: "change_email", arguments: { email: "a@b.example" }, records: { "old email": "c@d.example" }, amount: 0 };
  expect(sentenceOf(action, en)).toBe("Change · email a@b.example");
});

it("is one line, however long a value is", () => {
  const action = { tool: "send_note", arguments: { text: "x".repeat(500) }, records: {}, amount: 0 };
  expect(sentenceOf(action, en).length).toBeLessThan(100);
});
