import type { ActionCard, Entry } from "../api/types";
import type { Say } from "../i18n";
import { inWords, NO_WORDS, plain, type ShopWords } from "../parts/shopWords";

const MOST = 60;

const numberIn = (value: unknown): number => (typeof value === "number" ? value : Number(inWords(value).replace(/[^\d.]/g, "") || NaN));

const isPlain = (value: unknown): boolean => value !== null && value !== undefined && typeof value !== "object";

const short = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST)}…` : text);

type Asked = Pick<ActionCard, "tool" | "arguments" | "records" | "amount">;

/** The field of the record that holds the sum as it is written, with its currency. */
const written = (action: Asked): unknown =>
  Object.values(action.records).find((value) => isPlain(value) && numberIn(value) === action.amount);

/** The sum as the record that was found writes it; else the bare number. */
function sumOf(action: Asked): string {
  if (!action.amount) return "";
  const found = written(action);
  return found === undefined ? String(action.amount) : inWords(found);
}

/** A sum as this action's records write money: £200.00 beside £119.00. */
export function likeIts(action: Asked, amount: number): string {
  const found = written(action);
  const text = found === undefined ? "" : inWords(found);
  const [figures = ""] = /\d[\d,]*(?:\.\d+)?/.exec(text) ?? [];
  const digits = figures.includes(".") ? (figures.split(".")[1] ?? "").length : 0;
  const told = figures ? amount.toFixed(digits) : String(amount);
  return figures ? text.replace(figures, told) : told;
}

/** What is to be done, in the shop's words; else in those of its name that aren't said behind it anyway. */
function deedOf(action: Asked, shop: ShopWords): string {
  const title = shop.tool(action.tool);
  if (title !== plain(action.tool)) return title;
  const [verb = "", ...rest] = action.tool.split("_");
  const deed = [verb, ...rest.filter((word) => !(word in action.arguments))].join(" ");
  return deed.charAt(0).toUpperCase() + deed.slice(1);
}

/**
 * What a person is asked to allow, as one sentence: the deed, the sum, on what. It is written from
 * what code has resolved, the sum first: a field called "price" among seven is not read in time.
 */
export function sentenceOf(action: Asked, say: Say, shop: ShopWords = NO_WORDS): string {
  const given = Object.entries(action.arguments).filter(([, value]) => isPlain(value));
  const sum = sumOf(action);
  const way = action.records["payment"];
  const back = sum && isPlain(way) ? ` ${say("action.to", { way: inWords(way, shop) })}` : "";
  const things: string[] = [];
  const ids: string[] = [];
  for (const [name, value] of given) {
    if (sum && numberIn(value) === action.amount) continue;
    const found = isPlain(action.records[name]) ? action.records[name] : value;
    if (name === "order") ids.push(say("action.order", { id: short(inWords(found)) }));
    else if (inWords(found) === inWords(value)) ids.push(`${shop.field(name)} ${short(inWords(found, shop))}`);
    else
      things.push(
        [found, ...(name === "item" && isPlain(action.records["variant"]) ? [action.records["variant"]] : [])]
          .map((v) => short(inWords(v, shop)))
          .join(", "),
      );
  }
  const heading = `${deedOf(action, shop)}${sum && ` ${sum}`}${back}`;
  return [heading, ...things, ...ids].join(" · ");
}

const SHOWN = 3;
const SHOWN_CHARS = 200;

const byCustomer = (entry: Entry) => entry.kind === "MessagePosted" && entry.data["author"] === "customer";

const wordsOf = (entry: Entry): string => {
  const text = String(entry.data["text"] ?? "").trim();
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
};

/** What the customer has written since an action was proposed; of much, the last of it. */
export function writtenSince(entries: readonly Entry[], action: Pick<ActionCard, "seq" | "customer_seq">): string {
  return entries
    .filter((e) => e.seq > action.seq && e.seq <= action.customer_seq && byCustomer(e))
    .slice(-SHOWN)
    .map(wordsOf)
    .filter(Boolean)
    .join(" · ");
}

/** In the customer's own words: what they wrote last before an action was proposed, and what they asked for. */
export function askedFor(entries: readonly Entry[], action: Pick<ActionCard, "seq">): string {
  const before = entries.filter((e) => e.seq < action.seq && byCustomer(e)).map(wordsOf);
  const last = before.at(-1) ?? "";
  const matter = before.slice(-SHOWN).reduce((longest, text) => (text.length > longest.length ? text : longest), "");
  return matter === last ? last : [matter, last].filter(Boolean).join(" … ");
}
