import { expect, it } from "vitest";

import { filledFor, fitting, isMacro, meantBy, type Reply, shortCode } from "./canned";

const reply = (reply_id: string, more: Partial<Reply> = {}): Reply => ({ reply_id, title: reply_id, text: "", ...more });

it("is a short code only alone at the beginning", () => {
  expect(shortCode("/")).toBe("");
  expect(shortCode("/Hi")).toBe("hi");
  for (const text of ["", "hi", "/hi there", "see /hi", "//", "/a/b"]) expect(shortCode(text)).toBeNull();
});

it("finds the code itself first, then what begins so, then titles", () => {
  const all = [
    reply("title", { title: "Say bye" }),
    reply("longer", { short: "bye-now", title: "x" }),
    reply("own", { short: "bye", title: "x" }),
    reply("other", { short: "hi", title: "Hello" }),
  ];
  expect(meantBy("bye", all).map((r) => r.reply_id)).toEqual(["own", "longer", "title"]);
  expect(meantBy("", all)).toHaveLength(4);
  expect(meantBy("zzz", all)).toEqual([]);
});

it("offers replies of the chat's language, or all", () => {
  const all = [reply("en"), reply("zh", { language: "zh" })];
  expect(fitting(all, "zh-CN").map((r) => r.reply_id)).toEqual(["zh"]);
  expect(fitting(all, "de").map((r) => r.reply_id)).toEqual(["en", "zh"]);
});

it("fills in both names", () => {
  expect(filledFor("Hello {customer}, this is {worker}.", "", "Ann")).toBe("Hello, this is Ann.");
  expect(filledFor("Hello {customer}, this is {worker}.", "Dora", "Ann")).toBe("Hello Dora, this is Ann.");
});

it("is a macro if it does more than say something", () => {
  expect(isMacro(reply("a"))).toBe(false);
  expect([reply("a", { close: "solved" }), reply("a", { labels: ["x"] }), reply("a", { note: "n" })].every(isMacro)).toBe(true);
});
