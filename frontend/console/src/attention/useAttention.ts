import { useEffect, useRef } from "react";

import { ATTENTION, post } from "../api/http";
import { usePreferences } from "../settings/preferences";
import { Attention, type Stretch } from "./measure";

declare const __UI_VERSION__: string;
export const UI_VERSION = __UI_VERSION__;
const FLUSH_MS = 15_000;

/** Report which chat is in view for as long as the worker allows it. */
export function useAttention(chatId: string | null): void {
  const { preferences } = usePreferences();
  const measure = useRef<Attention | null>(null);
  useEffect(() => {
    if (!preferences.attention) return;
    let waiting: Stretch[] = [];
    const send = () => {
      if (!waiting.length) return;
      const events = waiting.map((s) => ({ type: "FocusMoved", ui_version: UI_VERSION, ...s }));
      waiting = [];
      post(ATTENTION, { events }).catch(() => undefined);
    };
    const attention = new Attention(() => performance.now(), (s) => waiting.push(s));
    measure.current = attention;
    const input = () => attention.input();
    const front = () => {
      attention.window(document.visibilityState === "visible" && document.hasFocus());
      if (document.visibilityState !== "visible") send();
    };
    const tick = window.setInterval(() => {
      attention.flush();
      send();
    }, FLUSH_MS);
    for (const name of ["keydown", "pointermove", "pointerdown", "wheel"]) {
      window.addEventListener(name, input, { passive: true });
    }
    document.addEventListener("visibilitychange", front);
    window.addEventListener("focus", front);
    window.addEventListener("blur", front);
    return () => {
      attention.flush();
      send();
      window.clearInterval(tick);
      for (const name of ["keydown", "pointermove", "pointerdown", "wheel"]) {
        window.removeEventListener(name, input);
      }
      document.removeEventListener("visibilitychange", front);
      window.removeEventListener("focus", front);
      window.removeEventListener("blur", front);
      measure.current = null;
    };
  }, [preferences.attention]);
  useEffect(() => {
    measure.current?.view(chatId);
  }, [chatId, preferences.attention]);
}
