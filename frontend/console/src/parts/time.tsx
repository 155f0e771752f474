import { useEffect, useState } from "react";

import { type Say, useWords } from "../i18n";

export function lengthWords(seconds: number, say: Say): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return say("time.s", { n: s });
  return say("time.m", { m: Math.floor(s / 60), s: String(s % 60).padStart(2, "0") });
}

/** The log's clock against this browser's. A log of the real clock is taken to agree with it. */
let skewUs = 0;
const FAR_US = 3_600e6;

/**
 * Learn from an event that has just come. One that is ahead shows the clock; one that is behind
 * may only be late, unless it is so far behind that the log lives in the past.
 */
export function learnClock(atUs: number): void {
  const skew = atUs - Date.now() * 1_000;
  if (skew > skewUs || (skewUs === 0 && skew < -FAR_US)) skewUs = skew;
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
