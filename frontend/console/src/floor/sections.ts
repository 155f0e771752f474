import type { ChatCard } from "../api/types";

export type SectionName = "needs" | "ai" | "yours" | "waiting" | "colleagues" | "wrap";

export interface Section {
  name: SectionName;
  chats: ChatCard[];
}

const LIVE = new Set(["raised", "alerted", "acknowledged"]);

export function alerted(card: ChatCard, me: string): boolean {
  const alert = card.escalation;
  return !!alert && LIVE.has(alert.state) && (card.owner === me || !!alert.to?.includes(me));
}

export function awaitsApproval(card: ChatCard): boolean {
  return card.actions.some((a) => a.state === "proposed" && a.needs_approval);
}

export function needsMe(card: ChatCard, me: string): boolean {
  const mine = card.owner === me || card.holder.id === me;
  return card.episode !== "wrap_up" && (alerted(card, me) || (mine && awaitsApproval(card)));
}

function sectionOf(card: ChatCard, me: string): SectionName {
  if (card.episode === "wrap_up") return "wrap";
  if (needsMe(card, me)) return "needs";
  if (card.holder.kind === "worker" && card.holder.id === me) return "yours";
  if (card.holder.kind === "ai") return "ai";
  if (card.holder.kind === "worker") return "colleagues";
  return "waiting";
}

/** What waits for an approval is as grave as a rule of the policy. */
const APPROVAL = 2;

/** How urgent a chat is when it enters "needs you": higher is worse. */
export function urgency(card: ChatCard): number {
  return (card.escalation?.score ?? 0) - (card.gravity ?? APPROVAL);
}

/**
 * The sections of the floor. A row keeps its place for as long as it stays in its section, so that
 * nothing moves under the pointer; the worst of those that enter together come first.
 */
export function arrange(
  cards: readonly ChatCard[],
  me: string,
  before: readonly Section[],
): Section[] {
  const place = new Map<string, number>();
  for (const section of before) {
    section.chats.forEach((chat, i) => place.set(`${section.name}/${chat.chat_id}`, i));
  }
  const names: SectionName[] = ["needs", "yours", "waiting", "ai", "colleagues", "wrap"];
  return names.map((name) => {
    const chats = cards.filter((card) => sectionOf(card, me) === name);
    const old = (card: ChatCard) => place.get(`${name}/${card.chat_id}`) ?? Infinity;
    chats.sort((a, b) => {
      const [i, j] = [old(a), old(b)];
      if (i !== j) return i - j;
      if (name === "waiting" && !a.asked_us !== !b.asked_us) return a.asked_us ? -1 : 1;
      if (name === "needs") return urgency(b) - urgency(a) || a.chat_id.localeCompare(b.chat_id);
      return a.opened_us - b.opened_us || a.chat_id.localeCompare(b.chat_id);
    });
    return { name, chats };
  });
}
