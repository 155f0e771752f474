import { Refusal } from "../api/http";
import type { Body, Wish } from "./commands";
import { keep, kept } from "./kept";

/** After this long a person who presses the same again wants it again. */
const FOR_MS = 10 * 60_000;

interface Unanswered {
  wish: string;
  body: Body;
  at: number;
}

const nameOf = (chatId: string, type: Wish["type"]) => `unanswered/${type}/${chatId}`;

/** Whether nobody knows if a command was carried out: no answer came, or one of a server in trouble. */
export function isLost(error: unknown): boolean {
  return !(error instanceof Refusal) || error.status === 0 || error.status >= 500;
}

/** Keep a worker's command whose answer was lost, or forget the last one of its type. */
export function keepUnanswered(worker: string, chatId: string, wish: Wish, body: Body | null): void {
  const lost: Unanswered | null = body && { wish: JSON.stringify(wish), body, at: Date.now() };
  keep(worker, nameOf(chatId, wish.type), lost && JSON.stringify(lost));
}

/** The same wish again, whose answer was lost: it is then the same command. */
export function unansweredBody(worker: string, chatId: string, wish: Wish): Body | null {
  const lost = JSON.parse(kept(worker, nameOf(chatId, wish.type)) ?? "null") as Unanswered | null;
  return lost && lost.wish === JSON.stringify(wish) && Date.now() - lost.at < FOR_MS ? lost.body : null;
}
