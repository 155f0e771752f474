import { expect, it } from "vitest";

import { say } from "../i18n";
import { asked, NOTHING, nameOf } from "./search";

it("asks for nothing while nothing is wanted, and for one letter neither", () => {
  expect(asked(NOTHING)).toBeNull();
  expect(asked({ ...NOTHING, text: " a " })).toBeNull();
  expect(asked({ ...NOTHING, text: " ab " })).toEqual({ text: "ab" });
});

it("means the last day whole", () => {
  const query = asked({ ...NOTHING, since: "2026-03-01", until: "2026-03-01" });
  expect((query?.until_us ?? 0) - (query?.since_us ?? 0)).toBe(86_400e6);
  expect(asked({ ...NOTHING, customer: "c1", state: "closed", label: "refund" })).toEqual({
    customer: "c1",
    state: "closed",
    label: "refund",
  });
});

it("calls a view by what it looks for", () => {
  const wanted = { ...NOTHING, text: "lamp", state: "closed", label: "refund" } as const;
  expect(nameOf(wanted, (key, values) => say("en", key, values))).toBe("“lamp” · closed · #refund");
});
