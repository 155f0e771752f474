import type { ChatCard } from "../api/types";
import type { Say } from "../i18n";

export type SectionName = "needs" | "ai" | "yours" | "waiting" | "colleagues" | "wrap";

export interface Section {
  name: SectionName;
  chats: ChatCard[];
}

/** Alerts that nobody has looked at yet. */
const UNSEEN = new Set(["raised", "alerted"]);
const LIVE = new Set(["raised", "alerted", "acknowledged"]);

const SAFETY = "safety.";

/** Whether somebody may be in danger here and nobody has come: it needs everybody who sees it. */
export function inDanger(card: ChatCard): boolean {
  const alert = card.escalation;
  return !!alert && LIVE.has(alert.state) && !!alert.kind?.startsWith(SAFETY);
}

/** Whether somebody has come to a customer in danger, and has yet to write to them. */
export function owesWords(card: ChatCard): boolean {
  const alert = card.escalation;
  return !!alert?.kind?.startsWith(SAFETY) && alert.state === "taken" && !alert.settled;
}

export function alerted(card: ChatCard, me: string): boolean {
  const alert = card.escalation;
  return !!alert && LIVE.has(alert.state) && (inDanger(card) || card.owner === me || !!alert.to?.includes(me));
}

export function awaitsApproval(card: ChatCard): boolean {
  return card.actions.some((a) => a.state === "proposed" && a.needs_approval);
}

export function needsMe(card: ChatCard, me: string): boolean {
  const mine = card.owner === me || card.holder.id === me;
  return (card.episode !== "wrap_up" || !!card.left_in_danger) && (alerted(card, me) || (mine && awaitsApproval(card)));
}

function sectionOf(card: ChatCard, me: string): SectionName {
  if (needsMe(card, me)) return "needs";
  if (card.episode === "wrap_up") return "wrap";
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
export function arrange(cards: readonly ChatCard[], me: string, before: readonly Section[]): Section[] {
  const place = new Map<string, number>();
  for (const section of before) {
    section.chats.forEach((chat, i) => {
      place.set(`${section.name}/${chat.chat_id}`, i);
    });
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

/**
 * The sections as they stand, with what is known of their chats now: while somebody points at a row,
 * none comes, goes or moves. A chat that has left keeps its place as it was last seen.
 */
export function held(before: readonly Section[], chats: Readonly<Record<string, ChatCard>>): Section[] {
  return before.map((section) => ({ ...section, chats: section.chats.map((card) => chats[card.chat_id] ?? card) }));
}

/** How many chats don't stand where they would now. */
export function outOfPlace(shown: readonly Section[], cards: readonly ChatCard[], me: string): number {
  const place = new Map(shown.flatMap((section) => section.chats.map((card) => [card.chat_id, section.name] as const)));
  const moved = cards.filter((card) => place.get(card.chat_id) !== sectionOf(card, me)).length;
  const known = new Set(cards.map((card) => card.chat_id));
  return moved + [...place.keys()].filter((id) => !known.has(id)).length;
}

/** Who waits for a person, as far as this worker sees. */
export interface Waits {
  /** Chats that call this worker. */
  needs: number;
  /** This worker's own customers who wait for an answer. */
  own: number;
  /** Chats of others with an alert or an approval that nobody has dealt with yet. */
  others: number;
  /** Customers whom nobody holds yet. */
  queued: number;
  /** The most urgent one. */
  first: ChatCard | undefined;
}

/** Who waits, and for whom: whoever calls this worker comes first, then the own customers, then others'. */
export function whoWaits(sections: readonly Section[], me: string): Waits {
  const of = (name: SectionName) => sections.find((s) => s.name === name)?.chats ?? [];
  const needs = of("needs");
  const own = of("yours")
    .filter((card) => card.waiting_since_us !== null)
    .sort((a, b) => (a.waiting_since_us ?? 0) - (b.waiting_since_us ?? 0));
  const open = sections.flatMap((s) => (s.name === "needs" || s.name === "wrap" ? [] : s.chats));
  const others = open
    .filter((card) => card.holder.id !== me && (awaitsApproval(card) || (!!card.escalation && UNSEEN.has(card.escalation.state))))
    .sort((a, b) => urgency(b) - urgency(a) || a.opened_us - b.opened_us);
  const counted = new Set(others);
  const queued = of("waiting").filter((card) => !counted.has(card) && card.waiting_since_us !== null);
  return {
    needs: needs.length,
    own: own.length,
    others: others.length,
    queued: queued.length,
    first: needs[0] ?? own[0] ?? others[0] ?? queued[0] ?? of("yours")[0],
  };
}

/** The same in one sentence: "nobody needs you" is said only while nobody waits. */
export function waitWords(waits: Waits, say: Say): string {
  if (waits.needs) return say("none.needed");
  if (waits.own) return say("none.own");
  if (waits.others) return waits.others === 1 ? say("none.other") : say("none.others", { n: waits.others });
  if (waits.queued) return waits.queued === 1 ? say("none.queuedOne") : say("none.queued", { n: waits.queued });
  return say("none.quiet");
}
