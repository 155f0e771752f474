import { useEffect, useRef } from "react";

import { usePreferences } from "../settings/preferences";
import { actionOf, DEFAULT_KEYS, isTyping, type KeyAction } from "./bindings";

type Handlers = Partial<Record<KeyAction, () => void>>;

/** What each part of the page can do now; what came last comes first. */
const parts = new Set<() => Handlers>();

const handlerOf = (action: KeyAction) =>
  [...parts]
    .reverse()
    .map((part) => part()[action])
    .find(Boolean);

/** What can be done now, in the order of the keys. */
export const possible = (): KeyAction[] => (Object.keys(DEFAULT_KEYS) as KeyAction[]).filter((action) => handlerOf(action));

/** Do it, as its key would. */
export const run = (action: KeyAction): void => handlerOf(action)?.();

/** Run handlers on single keys, and `onDigit` on 1–9; inert in fields and dialogs. */
export function useKeys(handlers: Handlers, onDigit?: (n: number) => void): void {
  const { preferences } = usePreferences();
  const latest = useRef({ handlers, onDigit, preferences });
  latest.current = { handlers, onDigit, preferences };
  useEffect(() => {
    const part = () => latest.current.handlers;
    parts.add(part);
    return () => {
      parts.delete(part);
    };
  }, []);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const now = latest.current;
      if (event.defaultPrevented || isTyping(event.target) || document.querySelector('[role="dialog"]')) return;
      if (!now.preferences.keys) return;
      if (now.onDigit && /^[1-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        now.onDigit(Number(event.key));
        return;
      }
      const action = actionOf(event, now.preferences.bindings);
      const handler = action && now.handlers[action];
      if (handler) {
        event.preventDefault();
        handler();
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
