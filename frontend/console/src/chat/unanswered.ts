import { Refusal } from "../api/http";
import type { Body, Wish } from "./commands";

/** After this long a person who presses the same again wants it again. */
const FOR_MS = 10 * 60_000;

interface Unanswered {
  wish: string;
  body: Body;
  at: number;
}

const key = (chatId: string, type: Wish["type"]) => `stepin.unanswered.${type}.${chatId}`;

/** Whether nobody knows if a command was carried out: no answer came, or one of a server in trouble. */
export function isLost(error: unknown): boolean {
  return !(error instanceof Refusal) || error.status === 0 || error.status >= 500;
}

/** Keep a command whose answer was lost, or forget the last one of its type. */
export function keepUnanswered(chatId: string, wish: Wish, body: Body | null): void {
  const kept: Unanswered | null = body && { wish: JSON.stringify(wish), body, at: Date.now() };
  if (kept) sessionStorage.setItem(key(chatId, wish.type), JSON.stringify(kept));
  else sessionStorage.removeItem(key(chatId, wish.type));
}

/** The same wish again, whose answer was lost: it is then the same command. */
export function unansweredBody(chatId: string, wish: Wish): Body | null {
  const kept = JSON.parse(sessionStorage.getItem(key(chatId, wish.type)) ?? "null") as Unanswered | null;
  return kept && kept.wish === JSON.stringify(wish) && Date.now() - kept.at < FOR_MS ? kept.body : null;
}
