/** What single keys do. Each also has a button; all can be switched off or given another key. */
export const DEFAULT_KEYS = {
  next: "j",
  previous: "k",
  urgent: "n",
  takeOver: "t",
  handBack: "h",
  undo: "z",
  transfer: "f",
  reply: "r",
  whisper: "w",
  note: "m",
  suggest: "i",
  approve: "y",
  deny: "x",
  acknowledge: "a",
  close: "e",
  tools: "u",
  labels: "l",
  search: "/",
  help: "?",
} as const satisfies Record<string, string>;

export type KeyAction = keyof typeof DEFAULT_KEYS;

/** Whether a key press belongs to a field or a dialog and must do nothing else. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target.closest('[role="dialog"], [role="listbox"], [role="menu"]')) return true;
  return ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

export function actionOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
  bindings: Record<KeyAction, string>,
): KeyAction | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const found = Object.entries(bindings).find(([, bound]) => bound === key);
  return found ? (found[0] as KeyAction) : null;
}

/** What a key does already: another action, or it opens a row. */
export type Clash = KeyAction | "row";

/** Give an action a key, or say what has that key: no key means two things. */
export function bind(before: Record<KeyAction, string>, action: KeyAction, key: string): Record<KeyAction, string> | Clash {
  if (/^[1-9]$/.test(key)) return "row";
  const other = (Object.keys(before) as KeyAction[]).find((a) => before[a] === key && a !== action);
  return other ?? { ...before, [action]: key };
}

/** What somebody has bound, and the default keys of all other actions: a default gives way to a key that is taken. */
export function withDefaults(saved: Partial<Record<KeyAction, string>>): Record<KeyAction, string> {
  const taken = new Set(Object.values(saved));
  const free = Object.entries(DEFAULT_KEYS).map(([action, key]) => [action, taken.has(key) ? "" : key]);
  return { ...(Object.fromEntries(free) as Record<KeyAction, string>), ...saved };
}
