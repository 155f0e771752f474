import { useEffect, useState } from "react";

import { type Say, useWords } from "../i18n";

export function lengthWords(seconds: number, say: Say): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return say("time.s", { n: s });
  return say("time.m", { m: Math.floor(s / 60), s: String(s % 60).padStart(2, "0") });
}

/** The log's clock against this browser's, learned from the newest event seen. */
let skewUs = 0;

export function learnClock(atUs: number): void {
  const skew = atUs - Date.now() * 1_000;
  if (skewUs === 0 || skew > skewUs) skewUs = skew;
}

export const nowUs = () => Date.now() * 1_000 + skewUs;

export function useTick(ms = 1_000): number {
  const [tick, set] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => set((n) => n + 1), ms);
    return () => window.clearInterval(timer);
  }, [ms]);
  return tick;
}

/** Time since a moment of the log, or until it, counted every second. */
export function Elapsed(props: { sinceUs: number; until?: boolean }) {
  const { say } = useWords();
  useTick();
  const us = props.until ? props.sinceUs - nowUs() : nowUs() - props.sinceUs;
  return <span style={{ fontVariantNumeric: "tabular-nums" }}>{lengthWords(us / 1e6, say)}</span>;
}
