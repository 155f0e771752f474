import type { Body } from "./commands";

/** What was typed, kept for each chat and each mode, also over a reload. */
export type Mode = "reply" | "whisper" | "note";

/** A text that came back into the field because nobody knows whether it has arrived. */
export interface Returned {
  text: string;
  body: Body;
}

const key = (chatId: string, mode: Mode) => `stepin.draft.${mode}.${chatId}`;
const returnedKey = (chatId: string, mode: Mode) => `stepin.returned.${mode}.${chatId}`;

export function loadDraft(chatId: string, mode: Mode): string {
  return sessionStorage.getItem(key(chatId, mode)) ?? "";
}

/** Keep what stands in the field, and of the texts that came back those that stand there unchanged. */
export function saveDraft(chatId: string, mode: Mode, text: string): void {
  if (text) sessionStorage.setItem(key(chatId, mode), text);
  else sessionStorage.removeItem(key(chatId, mode));
  saveReturned(chatId, mode, unchanged(loadReturned(chatId, mode), text));
}

export function loadReturned(chatId: string, mode: Mode): Returned[] {
  return JSON.parse(sessionStorage.getItem(returnedKey(chatId, mode)) ?? "[]") as Returned[];
}

function saveReturned(chatId: string, mode: Mode, returned: readonly Returned[]): void {
  if (returned.length) sessionStorage.setItem(returnedKey(chatId, mode), JSON.stringify(returned));
  else sessionStorage.removeItem(returnedKey(chatId, mode));
}

/**
 * Put a text back in front of what was typed since, behind those that came back before it. With its
 * body it is sent again as the same command; without one (it was refused) it is a text like any other.
 * Returns what then stands in the field.
 */
export function putBack(chatId: string, mode: Mode, text: string, body: Body | null): string {
  const returned = loadReturned(chatId, mode);
  const typed = behind(returned, loadDraft(chatId, mode));
  const all = body ? [...returned, { text, body }] : returned;
  const kept = [...all.map((one) => one.text), body ? "" : text, typed].filter(Boolean).join("\n");
  saveReturned(chatId, mode, all);
  saveDraft(chatId, mode, kept);
  return kept;
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
