import { beforeEach, expect, it, vi } from "vitest";

import { Lapsed, scopeOf, WhoIsThere } from "./identity";
import { Outbox } from "./outbox";
import { Kept, VISITOR } from "./store";

class Memory {
  [key: string]: unknown;
  getItem(key: string): string | null {
    return Object.hasOwn(this, key) ? (this[key] as string) : null;
  }
  setItem(key: string, value: string): void {
    this[key] = value;
  }
  removeItem(key: string): void {
    delete this[key];
  }
}

const bytes = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));
const token = (claims: object) => `x.${btoa(bytes(JSON.stringify(claims))).replace(/=/g, "")}.y`;
let storage: Memory;

beforeEach(() => {
  storage = new Memory();
  vi.stubGlobal("window", { localStorage: storage, setTimeout });
});

function keptFor(scope: string): Kept {
  const kept = new Kept();
  kept.enter(scope);
  return kept;
}

it("names a scope after the token's subject, whatever stands in it", () => {
  expect(scopeOf(null)).toBe(VISITOR);
  expect(scopeOf(token({ sub: "dörte:1" }))).toBe("id-d%C3%B6rte%3A1");
  expect(scopeOf("no token")).not.toBe(VISITOR);
});

it("gives nobody else's keys to a chat, and keeps a customer's unsent words for them", () => {
  const alice = keptFor("id-alice");
  alice.put("chat", { chat_id: "hers" });
  alice.put("out-1", { text: "hers", at: 1, after: 0 });
  const bob = keptFor("id-bob");
  expect(bob.get("chat")).toBeNull();
  expect(bob.names("out-")).toEqual([]);
  const back = keptFor("id-alice");
  expect(back.get("chat")).toBeNull();
  expect(back.names("out-")).toEqual(["out-1"]);
});

it("forgets a visitor's words when somebody signs in, and says that a chat was left", () => {
  const visitor = keptFor(VISITOR);
  visitor.put("visitor", "token");
  visitor.put("draft", "half a sentence");
  const kept = new Kept();
  expect(kept.enter("id-alice")).toBe(false);
  visitor.put("chat", { chat_id: "v" });
  expect(new Kept().enter("id-alice")).toBe(true);
  expect(Object.keys(storage)).toEqual(["stepin:here"]);
});

it("takes over a visitor of an earlier version, never an earlier chat", () => {
  storage.setItem("stepin.chat", JSON.stringify({ chat_id: "anybody's" }));
  storage.setItem("stepin.visitor", JSON.stringify("token"));
  const kept = keptFor(VISITOR);
  expect([kept.get("chat"), kept.get("visitor")]).toEqual([null, "token"]);
});

it("keeps in memory what the storage refuses", () => {
  vi.stubGlobal("window", {
    get localStorage(): Storage {
      throw new DOMException("refused", "SecurityError");
    },
  });
  const kept = keptFor(VISITOR);
  kept.put("draft", "text");
  kept.closed = true;
  expect([kept.get("draft"), kept.names("dr"), kept.closed]).toEqual(["text", ["draft"], true]);
});

it("asks the page once for the first token, and again shortly before its end", async () => {
  const now = Date.now() / 1_000;
  const tokens = [token({ sub: "a", exp: now + 20 }), token({ sub: "a", exp: now + 600 })];
  const asked = vi.fn(async () => tokens.shift());
  const who = new WhoIsThere(asked);
  const [one, same] = await Promise.all([who.ask(), who.ask()]);
  expect(one).toBe(same);
  expect(asked).toHaveBeenCalledTimes(1);
  const next = await who.ask();
  expect(next).not.toBe(one);
  await who.ask();
  expect(asked).toHaveBeenCalledTimes(2);
  await who.ask(true).then(
    (token) => expect(token).toBeNull(),
    () => expect.unreachable(),
  );
});

it("says that there is no token where the page's function fails or never answers", async () => {
  await expect(new WhoIsThere(() => Promise.reject(new Error())).ask()).rejects.toThrow(Lapsed);
  vi.useFakeTimers();
  vi.stubGlobal("window", { setTimeout });
  const stuck = expect(new WhoIsThere(() => new Promise(() => undefined)).ask()).rejects.toThrow(Lapsed);
  await vi.runAllTimersAsync();
  await stuck;
  vi.useRealTimers();
});

it("shows what isn't in the chat, each message of the chat once", () => {
  const outbox = new Outbox(keptFor(VISITOR));
  outbox.add("ok", 3);
  outbox.add("ok", 3);
  const [first, second] = outbox.all as [never, never];
  const message = (seq: number, text: string) => ({ seq, author: "customer", text });
  expect(outbox.shown([message(2, "ok")], 3)).toEqual([first, second]);
  expect(outbox.shown([message(2, "ok"), message(5, "ok")], 5)).toEqual([second]);
  outbox.arrived(first, 5);
  expect(outbox.next()).toBe(second);
  expect(outbox.shown([message(2, "ok"), message(5, "ok")], 5)).toEqual([second]);
});
