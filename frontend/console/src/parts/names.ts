import type { ChatCard, PastChat } from "../api/types";
import type { Language, Say } from "../i18n";
import { en, type Key } from "../i18n/en";

const VISITOR = /^visitor-([0-9a-f]{4})/;

/** What a customer is called: their name, their id at the host site, or a short name for a visitor. */
export function customerWords(card: Pick<ChatCard | PastChat, "customer_id" | "customer_name">, say: Say): string {
  if (card.customer_name) return card.customer_name;
  const id = VISITOR.exec(card.customer_id)?.[1];
  return id ? say("chat.visitor", { id }) : card.customer_id;
}

export function workerName(workers: Readonly<Record<string, { name: string }>>, id: string): string {
  return workers[id]?.name ?? id;
}

const REASONS = [
  "asked_for_person",
  "repeats",
  "ai_repeats",
  "customer_repeats",
  "tools_fail",
  "low_confidence",
  "unanswered",
  "hazard",
  "poison",
] as const;

/** Reasons of a request that say only that it is one. */
const ASKED = new Set(["asked_for_person", "asked for a person"]);

/** Why a flag was raised: the detectors' own reasons in words, the AI's as it gave them. */
export function reasonWords(reason: string, cause: string, say: Say): string {
  const words = reason.split(", ").map((one) => {
    if (one === cause || (cause === "requested" && ASKED.has(one))) return "";
    const procedure = /^procedure:(.+)$/.exec(one)?.[1];
    if (procedure) return say("reason.procedure", { name: procedure });
    const known = REASONS.find((r) => r === one);
    return known ? say(`reason.${known}`) : one;
  });
  return words.filter(Boolean).join(", ");
}

const BY = { detector: "by.detector", ai: "by.ai", customer: "by.customer", policy: "by.policy", desk: "by.policy" } as const;

/** Who raised a flag, in words. */
export const raiserWords = (by: keyof typeof BY, say: Say) => say(BY[by]);

/** What an alert is about: its kind where it has one that has words, else its cause. */
export function alertWords(alert: { cause: string; kind?: unknown }, say: Say): string {
  const kind = typeof alert.kind === "string" ? alert.kind : "";
  const known = [`kind.${kind}`, `kind.${kind.split(".")[0]}`, `cause.${alert.cause}`].find((key) => key in en);
  return known ? say(known as Key) : (kind || alert.cause).replaceAll("_", " ");
}

const ENDED = ["resolved", "abandoned", "timed_out", "transferred"] as const;

/** How a chat ended: the desk's own reasons in words, a team's as they are. */
export function endedWords(how: string, say: Say): string {
  const known = ENDED.find((one) => one === how);
  return known ? say(`ended.${known}`) : how;
}

/** What a language is called in the worker's. */
export function languageWords(code: string, language: Language): string {
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
