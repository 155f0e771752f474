import type { ChatCard } from "../api/types";
import type { Reply } from "./canned";
import { bodyOf, submit } from "./commands";

/**
 * What a macro does when its words have been sent: labels, a note, the end. It ends the chat only if
 * nothing has happened in it since its own last step: the customer may just have written.
 */
export async function carryOut(card: ChatCard, macro: Reply, seq: number): Promise<void> {
  let last = seq;
  const run = async (wish: Parameters<typeof bodyOf>[1]) => {
    const body = bodyOf(card, wish);
    last = (await submit(card, body.expect_seq === undefined ? body : { ...body, expect_seq: last })).seq;
  };
  if (macro.note) await run({ type: "AddNote", text: macro.note });
  const add = (macro.labels ?? []).filter((label) => !card.labels.includes(label));
  if (add.length) await run({ type: "ChangeLabels", add, remove: [] });
  if (macro.close) await run({ type: "CloseChat", reason: "resolved", disposition: macro.close });
}
