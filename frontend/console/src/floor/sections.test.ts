import { expect, it } from "vitest";

import type { ChatCard } from "../api/types";
import { arrange, held, outOfPlace, whoWaits } from "./sections";

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

it("shows somebody in danger to everybody who sees the chat, also after its end", () => {
  const danger = (state: string, more: Partial<ChatCard> = {}) =>
    card(state, {
      owner: "bo",
      escalation: { cause: "policy", kind: "safety.self_harm", score: 1, state, to: ["bo"] },
      ...more,
    } as unknown as Partial<ChatCard>);
  const left = { episode: "wrap_up", left_in_danger: true } as Partial<ChatCard>;
  const cards = [danger("alerted"), danger("acknowledged"), danger("raised", left), danger("taken")];
  expect(ids(cards)["needs"]).toEqual(["acknowledged", "alerted", "raised"]);
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

it("knows of others' chats that wait, after the own ones", () => {
  const asks = { ...flagged("requested", 1), owner: "bo" } as Partial<ChatCard>;
  const elsewhere = {
    escalation: { cause: "requested", score: 1, state: "alerted", to: ["bo"] },
    owner: "bo",
  } as unknown as Partial<ChatCard>;
  const mine = { holder: { kind: "worker", id: "me" }, waiting_since_us: 5 } as Partial<ChatCard>;
  const waits = (...cards: ChatCard[]) => {
    const { first, ...counts } = whoWaits(arrange(cards, "me", []), "me");
    return [first?.chat_id, counts];
  };
  expect(waits(card("a", elsewhere), card("b"))).toEqual(["a", { needs: 0, own: 0, others: 1, queued: 0 }]);
  expect(waits(card("a", elsewhere), card("b", mine))).toEqual(["b", { needs: 0, own: 1, others: 1, queued: 0 }]);
  expect(waits(card("a", asks), card("b", mine), card("c", elsewhere))).toEqual(["a", { needs: 1, own: 1, others: 1, queued: 0 }]);
  expect(waits(card("b"))).toEqual([undefined, { needs: 0, own: 0, others: 0, queued: 0 }]);
});

it("says that customers wait for somebody, whoever may come", () => {
  const waiting = { holder: { kind: "nobody" }, owner: null, waiting_since_us: 5 } as Partial<ChatCard>;
  const waits = whoWaits(arrange([card("a", waiting)], "me", []), "me");
  expect(waits).toMatchObject({ needs: 0, own: 0, others: 0, queued: 1, first: { chat_id: "a" } });
});

it("stands still under the pointer: cards are fresh, and none comes, goes or moves", () => {
  const before = arrange([card("a"), card("b"), card("c")], "me", []);
  const now = [card("a", { ...flagged("requested", 1), preview: "help" }), card("c"), card("d")];
  const shown = held(before, Object.fromEntries(now.map((c) => [c.chat_id, c])));
  const rows = shown.flatMap((s) => s.chats.map((c) => `${s.name}/${c.chat_id}`));
  expect(rows).toEqual(before.flatMap((s) => s.chats.map((c) => `${s.name}/${c.chat_id}`)));
  expect(shown.flatMap((s) => s.chats)[0]?.preview).toBe("help");
  // One has moved to "needs you", one has left and one has come.
  expect(outOfPlace(shown, now, "me")).toBe(3);
  expect(outOfPlace(arrange(now, "me", before), now, "me")).toBe(0);
});

it("puts who waits for a person first among those that wait", () => {
  const waits = { holder: { kind: "nobody" } } as Partial<ChatCard>;
  const cards = [card("a", waits), card("b", { ...waits, asked_us: 5, opened_us: 9 })];
  expect(ids(cards)).toMatchObject({ waiting: ["b", "a"] });
});
