import { desk, told } from "../api/client";
import { deskAnswered, Refusal } from "../api/http";
import type { ChatCard, Entry, Schemas } from "../api/types";
import { keeper } from "./kept";
import { isLost, keepUnanswered, unansweredBody } from "./unanswered";

type Guards = "command_id" | "expect_seq" | "expect_epoch";
type Unguarded<C> = C extends { type: "PostMessage" | "Rate" } ? never : Omit<C, Guards>;

/** What a worker wants of a chat, by its `type`; how it is guarded is added on the way. */
export type Wish = Unguarded<Schemas["Command"]>;

/** Refused if anything has happened since: the customer may just have written. */
const ON_PICTURE = new Set<Wish["type"]>(["CloseChat", "Transfer"]);

/** True whoever holds the chat; all else is refused if the holder has changed since. */
const ON_ANY_HOLDER = new Set<Wish["type"]>(["AddNote", "ChangeLabels", "AcknowledgeAlert"]);

/** Refused because the chat has moved on; `entries` are what happened since. */
export class Outdated extends Refusal {
  constructor(
    refusal: Refusal,
    readonly entries: readonly Entry[],
  ) {
    super(refusal.status, refusal.code, refusal.message, refusal.hint, refusal.fields);
  }
}

/** A new command's id; `randomUUID` would need HTTPS. */
const freshId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A wish with its id and guards: sent twice, it is carried out once. */
export type Body = Wish & { command_id: string; expect_seq?: number; expect_epoch?: number };

export function bodyOf(card: ChatCard, wish: Wish): Body {
  return {
    ...wish,
    command_id: freshId(),
    ...(ON_PICTURE.has(wish.type) ? { expect_seq: card.seq } : {}),
    ...(ON_ANY_HOLDER.has(wish.type) ? {} : { expect_epoch: card.epoch }),
  };
}

/**
 * Carry out a wish. One whose answer was lost is sent again as the same command when a person asks
 * for the same thing again, also after a reload.
 */
export async function command(card: ChatCard, wish: Wish): Promise<void> {
  // Whose command it is: before its answer is lost, somebody else may have signed in here.
  const worker = keeper();
  const body = unansweredBody(worker, card.chat_id, wish) ?? bodyOf(card, wish);
  try {
    await submit(card, body);
    keepUnanswered(worker, card.chat_id, wish, null);
  } catch (error) {
    keepUnanswered(worker, card.chat_id, wish, isLost(error) ? body : null);
    throw error;
  }
}

/** Send a command; its id makes every retry the same command. */
export async function submit(card: ChatCard, body: Body): Promise<Schemas["Accepted"]> {
  const params = { path: { chat_id: card.chat_id } };
  try {
    const accepted = await told(desk.POST("/api/chats/{chat_id}/commands", { params, body }));
    deskAnswered();
    return accepted;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "stale_picture") throw error;
    const query = { after_seq: body.expect_seq ?? card.seq };
    const since = await told(desk.GET("/api/chats/{chat_id}/entries", { params: { ...params, query } }));
    throw new Outdated(error, since.entries);
  }
}
