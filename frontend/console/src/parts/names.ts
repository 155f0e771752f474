import type { ChatCard, PastChat } from "../api/types";
import type { Say } from "../i18n";

const VISITOR = /^visitor-([0-9a-f]{4})/;

/** What a customer is called: their name, their id at the host site, or a short name for a visitor. */
export function customerWords(
  card: Pick<ChatCard | PastChat, "customer_id" | "customer_name">,
  say: Say,
): string {
  if (card.customer_name) return card.customer_name;
  const id = VISITOR.exec(card.customer_id)?.[1];
  return id ? say("chat.visitor", { id }) : card.customer_id;
}

export function workerName(workers: Readonly<Record<string, { name: string }>>, id: string): string {
  return workers[id]?.name ?? id;
}

const REASONS = ["asked_for_person", "repeats"] as const;

/** Why a flag was raised: the detectors' own reasons in words, the AI's as it gave them. */
export function reasonWords(reason: string, cause: string, say: Say): string {
  if (reason === cause) return "";
  const known = REASONS.find((r) => r === reason);
  return known ? say(`reason.${known}`) : reason;
}

const BY = { detector: "by.detector", ai: "by.ai", customer: "by.customer", policy: "by.policy", desk: "by.policy" } as const;

/** Who raised a flag, in words. */
export const raiserWords = (by: keyof typeof BY, say: Say) => say(BY[by]);
