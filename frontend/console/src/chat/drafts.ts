/** What was typed, kept for each chat and each mode, also over a reload. */
export type Mode = "reply" | "whisper" | "note";

const key = (chatId: string, mode: Mode) => `stepin.draft.${mode}.${chatId}`;

export function loadDraft(chatId: string, mode: Mode): string {
  return sessionStorage.getItem(key(chatId, mode)) ?? "";
}

export function saveDraft(chatId: string, mode: Mode, text: string): void {
  if (text) sessionStorage.setItem(key(chatId, mode), text);
  else sessionStorage.removeItem(key(chatId, mode));
}
