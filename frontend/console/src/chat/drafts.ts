import type { Body } from "./commands";
import { keep, kept } from "./kept";

/** What was typed, kept for each worker, chat and mode, also over a reload. */
export type Mode = "reply" | "whisper" | "note";

/** A text that came back into the field because nobody knows whether it has arrived. */
export interface Returned {
  text: string;
  body: Body;
}

/** The field that something was typed into: whose, of which chat, and in which mode. */
export interface Place {
  worker: string;
  chatId: string;
  mode: Mode;
}

/** Under which name what was typed into a field is kept. */
export const draftOf = (at: Place) => `draft/${at.mode}/${at.chatId}`;
const returnedOf = (at: Place) => `returned/${at.mode}/${at.chatId}`;

export function loadDraft(at: Place): string {
  return kept(at.worker, draftOf(at)) ?? "";
}

/** Keep what stands in the field, and of the texts that came back those that stand there unchanged. */
export function saveDraft(at: Place, text: string): void {
  keep(at.worker, draftOf(at), text || null);
  saveReturned(at, unchanged(loadReturned(at), text));
}

export function loadReturned(at: Place): Returned[] {
  return JSON.parse(kept(at.worker, returnedOf(at)) ?? "[]") as Returned[];
}

function saveReturned(at: Place, returned: readonly Returned[]): void {
  keep(at.worker, returnedOf(at), returned.length ? JSON.stringify(returned) : null);
}

/**
 * Put a text back in front of what was typed since, behind those that came back before it. With its
 * body it is sent again as the same command; without one (it was refused) it is a text like any other.
 * Returns what then stands in the field.
 */
export function putBack(at: Place, text: string, body: Body | null): string {
  const returned = loadReturned(at);
  const typed = behind(returned, loadDraft(at));
  const all = body ? [...returned, { text, body }] : returned;
  const both = [...all.map((one) => one.text), body ? "" : text, typed].filter(Boolean).join("\n");
  saveReturned(at, all);
  saveDraft(at, both);
  return both;
}

/** The first texts that stand at the beginning of the field as they came back, each on lines of its own. */
export function unchanged(returned: readonly Returned[], text: string): Returned[] {
  let at = 0;
  const kept: Returned[] = [];
  for (const one of returned) {
    const end = at + one.text.length;
    if (!text.startsWith(one.text, at) || (end < text.length && text[end] !== "\n")) break;
    kept.push(one);
    at = end + 1;
  }
  return kept;
}

/** What stands behind the texts that came back. */
export function behind(returned: readonly Returned[], text: string): string {
  const length = returned.reduce((n, one) => n + one.text.length + 1, 0);
  return text.slice(length);
}
