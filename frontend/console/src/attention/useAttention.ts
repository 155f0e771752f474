import { useEffect, useRef } from "react";

import { usePreferences } from "../settings/preferences";
import { Attention, type Stretch } from "./measure";
import { report } from "./report";

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
      report(waiting.map((s) => ({ type: "FocusMoved", ...s })));
      waiting = [];
    };
    const attention = new Attention(
      () => performance.now(),
      (s) => waiting.push(s),
    );
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
