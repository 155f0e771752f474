import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "src");
const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" });
const read = (name: string) => readFileSync(join(SOURCE, name), "utf8");

/** A size of type, a weight or a colour that is said by its number. */
const BY_NUMBER =
  /#[0-9a-f]{3,8}\b|rgba?\(|light-dark\(|font-size: \d|font-weight: \d|fontWeight: \d|fontSize: \d|fw=\{(?!400|500|600)\d+\}/g;

it("no sheet but the visual language's names a size of type, a weight or a colour by its number", () => {
  const sheets = files.filter((name) => name.endsWith(".module.css"));
  expect(sheets.length).toBeGreaterThan(8);
  const parts = files.filter((name) => name.endsWith(".tsx"));
  const found = [...sheets, ...parts].flatMap((name) => [...read(name).matchAll(BY_NUMBER)].map((m) => `${name}: ${m[0]}`));
  expect(found).toEqual([]);
});

it("every token that is used is one of the visual language, and every one of it is used", () => {
  const known = new Set([...read("app/tokens.css").matchAll(/^ {2}(--[\w-]+):/gm)].map((m) => m[1] ?? ""));
  const all = files
    .filter((name) => /\.(css|tsx?)$/.test(name))
    .map(read)
    .join("\n");
  const used = new Set([...all.matchAll(/var\((--[\w-]+)/g)].map((m) => m[1] ?? "").filter((name) => !name.startsWith("--mantine")));
  const pulled = ["--list", "--side", "--field"];
  expect([...used].filter((name) => !known.has(name) && !pulled.includes(name))).toEqual([]);
  expect([...known].filter((name) => !used.has(name))).toEqual([]);
});
