import { beforeEach, expect, it, vi } from "vitest";

import { loadDraft, loadReturned, putBack, saveDraft } from "./drafts";
import { keepFor } from "./kept";

const stored = new Map<string, string>();
const ann = { worker: "ann", chatId: "c1", mode: "reply" } as const;
const ben = { ...ann, worker: "ben" };

beforeEach(() => {
  stored.clear();
  vi.stubGlobal("sessionStorage", {
    get length() {
      return stored.size;
    },
    key: (n: number) => [...stored.keys()][n] ?? null,
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  });
  keepFor("ann");
});

it("keeps a draft for its worker, also when they sign in again", () => {
  saveDraft(ann, "your card ends in 4111");
  keepFor("ann");
  expect(loadDraft(ann)).toBe("your card ends in 4111");
  expect(loadDraft(ben)).toBe("");
});

it("forgets it when another worker signs in, and what nobody knows whose it is", () => {
  saveDraft(ann, "your card ends in 4111");
  stored.set("stepin.draft.reply.c1", "of an earlier version");
  stored.set("another.page", "not ours");
  keepFor("ben");
  expect(loadDraft(ben)).toBe("");
  expect([...stored.keys()]).toEqual(["another.page"]);
});

it("tells a worker from one whose id begins the same", () => {
  saveDraft(ann, "a secret");
  keepFor("ann/draft");
  expect([...stored]).toEqual([]);
});

it("keeps nothing of a text that comes back after another worker has signed in", () => {
  keepFor("ben");
  putBack(ann, "my own", null);
  expect([...stored]).toEqual([]);
  expect(loadReturned(ben)).toEqual([]);
});
