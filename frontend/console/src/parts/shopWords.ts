import type { Language } from "../i18n";

/** What the shop calls its tools, the fields of its records and the codes in them. */
export interface ShopWords {
  tool: (name: string) => string;
  field: (name: string) => string;
  code: (value: string) => string;
}

export const plain = (name: string) => name.replaceAll("_", " ");

/** The words of a shop that has none: every name as it is written. */
export const NO_WORDS: ShopWords = { tool: plain, field: plain, code: (value) => value };

type Texts = Readonly<Record<string, string>>;

const inLanguage = (text: Texts | undefined, language: Language) => text?.[language] ?? text?.["en"];

/** The words of a shop in a language, from what it has told. */
export function shopWords(
  tools: readonly { name: string; title?: Texts }[],
  words: Readonly<Record<string, Texts>>,
  language: Language,
): ShopWords {
  const titles = new Map(tools.map((tool) => [tool.name, inLanguage(tool.title, language)]));
  return {
    tool: (name) => titles.get(name) ?? plain(name),
    field: (name) => inLanguage(words[name], language) ?? plain(name),
    code: (value) => inLanguage(words[value], language) ?? value,
  };
}

/** A value in words. */
export function inWords(value: unknown, shop: ShopWords = NO_WORDS): string {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.map((part) => inWords(part, shop)).join("; ");
  if (typeof value === "boolean") return value ? "✓" : "✗";
  if (typeof value !== "object") return shop.code(String(value));
  return Object.entries(value)
    .map(([name, part]) => `${shop.field(name)}: ${inWords(part, shop)}`)
    .join(" · ");
}
