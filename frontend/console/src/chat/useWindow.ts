import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

import type { Entry } from "../api/types";

const MOST = 80;
const STEP = 40;

/** Where the shown part begins: it moves in steps, so that a line that comes doesn't cost a line that goes. */
export function startOf(length: number, before: number, follows: boolean): number {
  if (length <= before) return Math.max(0, length - MOST);
  if (!follows || length - before <= MOST + STEP) return before;
  return length - MOST;
}

/**
 * The part of a long log that is on the page: its end, and as much of what came earlier as was
 * asked for. While somebody reads further up, nothing that they read goes away.
 */
export function useWindow(box: RefObject<HTMLElement | null>, chatId: string, entries: readonly Entry[]) {
  const follows = useRef(true);
  const [at, setAt] = useState({ chatId, start: 0 });
  const before = at.chatId === chatId ? at.start : 0;
  const start = startOf(entries.length, before, follows.current || at.chatId !== chatId);
  if (at.chatId !== chatId || at.start !== start) setAt({ chatId, start });
  const height = useRef<number | null>(null);
  const sought = useRef<number | null>(null);

  const earlier = useCallback(() => {
    follows.current = false;
    height.current = box.current?.scrollHeight ?? null;
    setAt((now) => ({ ...now, start: Math.max(0, now.start - MOST) }));
  }, [box]);
  const reveal = useCallback(
    (seq: number) => {
      // An entry without a line of its own is said by one before it.
      const index = entries.findLastIndex((e) => e.seq <= seq);
      const found = entries[index];
      if (!found) return;
      follows.current = false;
      sought.current = found.seq;
      setAt((now) => ({ chatId: now.chatId, start: Math.min(now.start, Math.max(0, index - STEP)) }));
      if (index >= start) goTo(box.current, sought);
      // It may have been in view at the end all along: then nothing scrolls, and what comes is followed.
      if (index >= start && box.current) follows.current = isAtEnd(box.current);
    },
    [box, entries, start],
  );
  useLayoutEffect(() => {
    const element = box.current;
    if (element && height.current !== null) element.scrollTop += element.scrollHeight - height.current;
    height.current = null;
    goTo(element, sought);
  }, [box, start]);
  useLayoutEffect(() => {
    follows.current = true;
  }, [chatId]);
  return { start, follows, earlier, reveal };
}

const NEAR_PX = 60;

/** Whether the end of a log is in view, or nearly. */
export const isAtEnd = (log: HTMLElement): boolean => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;

function goTo(box: HTMLElement | null, sought: RefObject<number | null>) {
  if (sought.current === null) return;
  const line = box?.querySelector<HTMLElement>(`[data-seq="${sought.current}"]`);
  sought.current = null;
  line?.scrollIntoView({ block: "center" });
  line?.animate([{ outline: "3px solid currentColor" }, { outline: "3px solid transparent" }], 1_500);
}
