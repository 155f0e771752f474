import { expect, it } from "vitest";

import { EMPTY, type Message, reduce } from "./view";

const message = (seq: number, text = ""): Message => ({ seq, at_us: 0, author: "ai", text });

it("replaces messages by seq and keeps their order", () => {
  let view = reduce(EMPTY, { seq: 3, messages: [message(3), message(1)] });
  view = reduce(view, { seq: 4, messages: [message(1, "[redacted]")] });
  expect(view.messages.map((m) => [m.seq, m.text])).toEqual([
    [1, "[redacted]"],
    [3, ""],
  ]);
});

it("ignores what it has seen", () => {
  const view = reduce(EMPTY, { seq: 3, messages: [message(3)] });
  expect(reduce(view, { seq: 3, messages: [message(2)] })).toBe(view);
});
