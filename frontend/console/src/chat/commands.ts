import { get, post, Refusal } from "../api/http";
import type { ChatCard, Entry } from "../api/types";

export type CommandName =
  | "Reply"
  | "AddNote"
  | "ChangeLabels"
  | "Whisper"
  | "TakeOver"
  | "HandBack"
  | "Transfer"
  | "CloseChat"
  | "EndWrapUp"
  | "AcknowledgeAlert"
  | "DeclineEscalation"
  | "ProposeAction"
  | "ApproveAction"
  | "EditAction"
  | "DenyAction";

/** Refused if anything has happened since: the customer may just have written. */
const ON_PICTURE = new Set<CommandName>(["CloseChat", "Transfer"]);

/** True whoever holds the chat; all else is refused if the holder has changed since. */
const ON_ANY_HOLDER = new Set<CommandName>(["AddNote", "ChangeLabels", "AcknowledgeAlert"]);

/** Refused because the chat has moved on; `entries` are what happened since. */
export class Outdated extends Refusal {
  constructor(
    refusal: Refusal,
    readonly entries: readonly Entry[],
  ) {
    super(refusal.status, refusal.code, refusal.message, refusal.hint, refusal.fields);
  }
}

/** Send a command; its id makes a retry by the network the same command. */
export async function command(
  card: ChatCard,
  type: CommandName,
  body: Record<string, unknown> = {},
): Promise<void> {
  const chat = `/api/chats/${encodeURIComponent(card.chat_id)}`;
  try {
    await post(`${chat}/commands`, {
      type,
      command_id: crypto.randomUUID(),
      ...(ON_PICTURE.has(type) ? { expect_seq: card.seq } : {}),
      ...(ON_ANY_HOLDER.has(type) ? {} : { expect_epoch: card.epoch }),
      ...body,
    });
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "stale_picture") throw error;
    const since = await get<{ entries: Entry[] }>(`${chat}/entries?after_seq=${card.seq}`);
    throw new Outdated(error, since.entries);
  }
}
