import { expect, it } from "vitest";

import { words as evidence } from "../evidence/words";
import { words as numbers } from "../numbers/words";
import { words as trial } from "../trial/words";
import { zh } from "./zh";

const ALL: Record<string, Record<string, string>> = { zh, evidence: evidence.zh, numbers: numbers.zh, trial: trial.zh };

/** Names, commands and what stands for a value: they are the same in every language. */
const NAMES = /`[^`]*`|\{\w+\}|\b(AI|CSV|JSON|UTC|SVG|HTML|Enter|Stepin|[Pp]|report\.html)\b/g;
const LATIN = /[A-Za-z]{2,}/g;

it("has no English word in the Chinese words outside names", () => {
  const found = Object.entries(ALL).flatMap(([page, words]) =>
    Object.entries(words).flatMap(([key, text]) => [...text.replace(NAMES, "").matchAll(LATIN)].map((m) => `${page} ${key}: ${m[0]}`)),
  );
  expect(found).toEqual([]);
});
