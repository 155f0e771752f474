import { post } from "../api/http";
import type { ChatCard } from "../api/types";

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

/** Send a command; its id makes a retry by the network the same command. */
export async function command(
  card: ChatCard,
  type: CommandName,
  body: Record<string, unknown> = {},
): Promise<void> {
  await post(`/api/chats/${encodeURIComponent(card.chat_id)}/commands`, {
    type,
    command_id: crypto.randomUUID(),
    ...(ON_PICTURE.has(type) ? { expect_seq: card.seq } : {}),
    ...body,
  });
}
