import type { ActionCard, Entry } from "../api/types";
import type { Say } from "../i18n";
import { inWords, plain } from "../parts/Fields";

const MOST = 60;

const numberIn = (value: unknown): number => (typeof value === "number" ? value : Number(inWords(value).replace(/[^\d.]/g, "") || NaN));

const isPlain = (value: unknown): boolean => value !== null && value !== undefined && typeof value !== "object";

const short = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST)}…` : text);

/** The sum as the record that was found writes it, with its currency; else the bare number. */
function sumOf(action: Asked): string {
  if (!action.amount) return "";
  const written = Object.values(action.records).find((value) => isPlain(value) && numberIn(value) === action.amount);
  return written === undefined ? String(action.amount) : inWords(written);
}

type Asked = Pick<ActionCard, "tool" | "arguments" | "records" | "amount">;

/**
 * What a person is asked to allow, as one sentence: the deed, the sum, on what. It is written from
 * what code has resolved, the sum first: a field called "price" among seven is not read in time.
 */
export function sentenceOf(action: Asked, say: Say): string {
  const given = Object.entries(action.arguments).filter(([, value]) => isPlain(value));
  const [verb = "", ...rest] = action.tool.split("_");
  const deed = [verb, ...rest.filter((word) => !(word in action.arguments))].join(" ");
  const sum = sumOf(action);
  const things: string[] = [];
  const ids: string[] = [];
  for (const [name, value] of given) {
    if (sum && numberIn(value) === action.amount) continue;
    const found = isPlain(action.records[name]) ? action.records[name] : value;
    if (name === "order") ids.push(say("action.order", { id: short(inWords(found)) }));
    else if (inWords(found) === inWords(value)) ids.push(`${plain(name)} ${short(inWords(found))}`);
    else
      things.push(
        [found, ...(name === "item" && isPlain(action.records["variant"]) ? [action.records["variant"]] : [])]
          .map((v) => short(inWords(v)))
          .join(", "),
      );
  }
  const heading = `${deed.charAt(0).toUpperCase()}${deed.slice(1)}${sum && ` ${sum}`}`;
  return [heading, ...things, ...ids].join(" · ");
}

const SHOWN = 3;
const SHOWN_CHARS = 200;

/** What the customer has written since an action was proposed; of much, the last of it. */
export function writtenSince(entries: readonly Entry[], action: Pick<ActionCard, "seq" | "customer_seq">): string {
  return entries
    .filter((e) => e.seq > action.seq && e.seq <= action.customer_seq && e.kind === "MessagePosted" && e.data["author"] === "customer")
    .slice(-SHOWN)
    .map((e) => String(e.data["text"] ?? "").trim())
    .map((text) => (text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text))
    .filter(Boolean)
    .join(" · ");
}
