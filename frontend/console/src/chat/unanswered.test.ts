import { beforeEach, expect, it, vi } from "vitest";

import { Refusal } from "../api/http";
import type { Body, Wish } from "./commands";
import { keepFor } from "./kept";
import { isLost, keepUnanswered, unansweredBody } from "./unanswered";

const propose: Wish = { type: "ProposeAction", tool: "refund", arguments: { order: "A-1" } };
const body = { ...propose, command_id: "first", expect_epoch: 3 } as Body;

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    length: 0,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
  keepFor("ann");
});

it("is another command when another worker wishes the same", () => {
  keepUnanswered("ann", "c1", propose, body);
  expect(unansweredBody("ben", "c1", propose)).toBeNull();
  keepFor("ben");
  expect(unansweredBody("ben", "c1", propose)).toBeNull();
});

it("takes the same wish again for the same command, and another wish for another", () => {
  keepUnanswered("ann", "c1", propose, body);
  expect(unansweredBody("ann", "c1", { ...propose })).toEqual(body);
  expect(unansweredBody("ann", "c2", propose)).toBeNull();
  expect(unansweredBody("ann", "c1", { ...propose, arguments: { order: "A-2" } })).toBeNull();
  keepUnanswered("ann", "c1", propose, null);
  expect(unansweredBody("ann", "c1", propose)).toBeNull();
});

it("takes it for another command when a person asks much later", () => {
  keepUnanswered("ann", "c1", propose, body);
  vi.useFakeTimers({ now: Date.now() + 11 * 60_000 });
  expect(unansweredBody("ann", "c1", propose)).toBeNull();
  vi.useRealTimers();
});

it("calls lost what no answer came for, and not what was refused", () => {
  const refusal = (status: number) => new Refusal(status, "x", "", "");
  expect([0, 500, 502, 503, 504].map((status) => isLost(refusal(status)))).not.toContain(false);
  expect([400, 401, 403, 409, 422, 429].map((status) => isLost(refusal(status)))).not.toContain(true);
  expect(isLost(new TypeError("network"))).toBe(true);
});
