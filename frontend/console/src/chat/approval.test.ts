import { expect, it } from "vitest";

import type { Entry } from "../api/types";
import { fetchWords, say } from "../i18n";
import { shopWords } from "../parts/shopWords";
import { askedFor, likeIts, sentenceOf, writtenSince } from "./approval";

const en = (key: Parameters<typeof say>[1], values?: Record<string, string | number>) => say("en", key, values);

const posted = (seq: number, author: string, text: string) => ({ seq, kind: "MessagePosted", data: { author, text } }) as unknown as Entry;

it("says the deed and the sum first, as the record writes it", () => {
  const records = { order: "ST-178822", status: "delivered", total: "£198.00", item: "air fryer", variant: "silver", price: "£119.00" };
  const action = { tool: "refund_item", arguments: { order: "ST-178822", item: 2 }, records, amount: 119 };
  expect(sentenceOf(action, en)).toBe("Refund £119.00 · air fryer, silver · order ST-178822");
});

const REFUND = {
  tool: "refund_item",
  arguments: { order: "ST-178822", item: 2 },
  records: { order: "ST-178822", total: "£198.00", item: "air fryer", variant: "silver", price: "£119.00", payment: "card" },
  amount: 119,
};

it("says where the money goes, in the shop's words and in the worker's language", async () => {
  await fetchWords("zh");
  expect(sentenceOf(REFUND, en)).toBe("Refund £119.00 to the card · air fryer, silver · order ST-178822");
  const tools = [{ name: "refund_item", title: { en: "Refund", zh: "退款" } }];
  const words = { card: { en: "card", zh: "银行卡" } };
  const zh = (key: Parameters<typeof say>[1], values?: Record<string, string | number>) => say("zh", key, values);
  expect(sentenceOf(REFUND, zh, shopWords(tools, words, "zh"))).toBe("退款 £119.00 退回银行卡 · air fryer, silver · 订单 ST-178822");
});

it("writes other sums as its records write money", () => {
  expect(likeIts(REFUND, 200)).toBe("£200.00");
  expect(likeIts({ ...REFUND, records: {} }, 200)).toBe("200");
});

it("quotes what the customer asked for, and what they said last before it was proposed", () => {
  const said = [posted(1, "customer", "I want my money back for the air fryer"), posted(2, "ai", "Sure?"), posted(3, "customer", "yes")];
  expect(askedFor([...said, posted(9, "customer", "stop")], { seq: 5 })).toBe("I want my money back for the air fryer … yes");
  expect(askedFor([posted(1, "customer", "refund me")], { seq: 5 })).toBe("refund me");
  expect(askedFor([], { seq: 5 })).toBe("");
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

it("shows what the customer has written since, as far as the card knows of it", () => {
  const entries = [
    posted(3, "customer", "refund me"),
    posted(5, "ai", "It waits."),
    posted(6, "customer", "算了"),
    posted(8, "customer", " stop "),
    posted(9, "customer", "later"),
  ];
  expect(writtenSince(entries, { seq: 4, customer_seq: 8 })).toBe("算了 · stop");
  expect(writtenSince(entries, { seq: 4, customer_seq: 0 })).toBe("");
});

it("shows the last of much that was written", () => {
  const entries = [1, 2, 3, 4, 5].map((seq) => posted(seq, "customer", `${seq}`.repeat(300)));
  const shown = writtenSince(entries, { seq: 0, customer_seq: 5 });
  expect(shown.split(" · ")).toHaveLength(3);
  expect(shown.length).toBeLessThan(620);
});
