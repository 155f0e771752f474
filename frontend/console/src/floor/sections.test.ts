import { expect, it } from "vitest";

import type { ChatCard } from "../api/types";
import { arrange } from "./sections";

const card = (chat_id: string, more: Partial<ChatCard> = {}): ChatCard =>
  ({
    chat_id,
    episode: "active",
    holder: { kind: "ai" },
    owner: "me",
    escalation: null,
    actions: [],
    opened_us: 0,
    ...more,
  }) as unknown as ChatCard;

const GRAVITY: Record<string, number> = { requested: 1, technical: 3, emotional: 4 };

const flagged = (cause: string, score: number) =>
  ({ gravity: GRAVITY[cause], escalation: { cause, score, state: "alerted", to: ["me"] } }) as unknown as Partial<ChatCard>;

const ids = (cards: ChatCard[], before = arrange([], "me", [])) =>
  Object.fromEntries(arrange(cards, "me", before).map((s) => [s.name, s.chats.map((c) => c.chat_id)]));

it("puts the worst first among those that enter together", () => {
  const cards = [card("a", flagged("emotional", 0.9)), card("b", flagged("requested", 0.6)), card("c")];
  expect(ids(cards)).toMatchObject({ needs: ["b", "a"], ai: ["c"] });
});

it("does not move a row when a worse one enters", () => {
  const first = arrange([card("a", flagged("technical", 0.9))], "me", []);
  const cards = [card("a", flagged("technical", 0.9)), card("b", flagged("requested", 1))];
  expect(ids(cards, first)["needs"]).toEqual(["a", "b"]);
});

it("keeps what others hold out of mine", () => {
  const cards = [
    card("a", { holder: { kind: "worker", id: "me" } }),
    card("b", { holder: { kind: "nobody" } } as Partial<ChatCard>),
    card("c", { holder: { kind: "worker", id: "bo" } }),
  ];
  expect(ids(cards)).toMatchObject({ yours: ["a"], waiting: ["b"], colleagues: ["c"] });
});

it("puts who waits for a person first among those that wait", () => {
  const waits = { holder: { kind: "nobody" } } as Partial<ChatCard>;
  const cards = [card("a", waits), card("b", { ...waits, asked_us: 5, opened_us: 9 })];
  expect(ids(cards)).toMatchObject({ waiting: ["b", "a"] });
});
