import { useEffect, useState, useSyncExternalStore } from "react";

import { type Language, type Say, useWords } from "../i18n";
import { LOCALE } from "./shown";

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

const ABOUT_MS = 20_000;
const listeners = new Set<() => void>();
let timer = 0;

/** One clock for all relative times of the page: however many there are, one timer runs. */
function everyNowAndThen(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1)
    timer = window.setInterval(() => {
      for (const one of listeners) one();
    }, ABOUT_MS);
  return () => {
    listeners.delete(listener);
    if (!listeners.size) window.clearInterval(timer);
  };
}

const about = () => Math.floor(nowUs() / (ABOUT_MS * 1_000));

const JUST_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** How long ago a moment was, as people say it; from a day on its date and time. */
export function agoWords(us: number, now: number, say: Say, language: Language): string {
  const s = Math.max(0, (now - us) / 1e6);
  if (s < JUST_S) return say("time.now");
  if (s < HOUR_S) return say("time.minutes", { n: Math.floor(s / 60) });
  if (s < DAY_S) return say("time.hours", { n: Math.floor(s / HOUR_S) });
  return new Date(us / 1_000).toLocaleString(LOCALE[language], { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

/** When something was: about, and exactly on hover. */
export function When(props: { us: number }) {
  const { say, language } = useWords();
  useSyncExternalStore(everyNowAndThen, about);
  const at = new Date(props.us / 1_000);
  return (
    <time dateTime={at.toISOString()} title={at.toLocaleString(LOCALE[language], { dateStyle: "medium", timeStyle: "medium" })}>
      {agoWords(props.us, nowUs(), say, language)}
    </time>
  );
}
