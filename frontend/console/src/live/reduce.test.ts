import { describe, expect, it } from "vitest";

import type { ChatCard, WorkerCard } from "../api/types";
import { EMPTY, fromSnapshot, mergeEntries, reduceFloor } from "./reduce";

const card = (chat_id: string, seq: number, more: Partial<ChatCard> = {}): ChatCard =>
  ({ chat_id, seq, episode: "active", ...more }) as ChatCard;
const worker = (worker_id: string, presence: WorkerCard["presence"]): WorkerCard => ({ worker_id, presence }) as WorkerCard;

describe("the floor's reducer", () => {
  it("replaces what an update carries and ignores what it has seen", () => {
    let state = fromSnapshot({ position: 5, chats: [card("a", 1)], workers: [], switches: {} });
    state = reduceFloor(state, { position: 6, chat: card("a", 2) });
    expect(state.chats["a"]?.seq).toBe(2);
    expect(reduceFloor(state, { position: 6, chat: card("a", 1) })).toBe(state);
  });

  it("lets closed chats and gone chats leave", () => {
    let state = reduceFloor(EMPTY, { position: 1, chat: card("a", 1) });
    state = reduceFloor(state, { position: 2, chat: card("b", 1) });
    state = reduceFloor(state, { position: 3, chat: card("a", 2, { episode: "closed" }) });
    state = reduceFloor(state, { position: 4, gone: "b" });
    expect(state.chats).toEqual({});
  });

  it("keeps a chat that ended with somebody in danger, until that was acknowledged", () => {
    let state = reduceFloor(EMPTY, { position: 1, chat: card("a", 2, { episode: "closed", left_in_danger: true }) });
    expect(Object.keys(state.chats)).toEqual(["a"]);
    state = reduceFloor(state, { position: 2, chat: card("a", 3, { episode: "closed", left_in_danger: false }) });
    expect(state.chats).toEqual({});
  });

  it("drops workers who are off", () => {
    let state = reduceFloor(EMPTY, { position: 1, workers: [worker("w", "available")] });
    state = reduceFloor(state, { position: 2, workers: [worker("w", "off")] });
    expect(state.workers).toEqual({});
  });

  it("is the same whether told by a snapshot or by updates", () => {
    const told = [card("a", 1), card("b", 3)].reduce((state, chat, i) => reduceFloor(state, { position: i + 1, chat }), EMPTY);
    const fresh = fromSnapshot({
      position: 2,
      chats: [card("a", 1), card("b", 3)],
      workers: [],
      switches: {},
    });
    expect(told).toEqual(fresh);
  });
});

describe("entries", () => {
  it("stay in order and are replaced by seq", () => {
    const entry = (seq: number, kind: string) => ({ seq, kind, at_us: 0, actor: "", epoch: 0, data: {} });
    const merged = mergeEntries([entry(1, "x"), entry(3, "x")], [entry(2, "x"), entry(3, "y")]);
    expect(merged.map((e) => `${e.seq}${e.kind}`)).toEqual(["1x", "2x", "3y"]);
  });
});
