import { Button } from "@mantine/core";
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useMemo, useRef } from "react";

import type { Draft, Entry } from "../api/types";
import { laidOut as shownAtLast } from "../floor/speed";
import { useWords } from "../i18n";
import classes from "./chat.module.css";
import { EntryLine } from "./EntryLine";
import { withoutRepeats } from "./folded";
import { type Receipt, receiptOf } from "./receipts";
import { isAtEnd, useWindow } from "./useWindow";

export type Reveal = (seq: number) => void;

interface LogProps {
  chatId: string;
  entries: readonly Entry[];
  draft?: Draft | undefined;
  /** Whether the customer is writing. */
  typing?: boolean;
  me: string;
  workers: Readonly<Record<string, { name: string }>>;
  /** Actions that wait for a person, by id: each stands at its place among the words. */
  asked?: ReadonlyMap<string, ReactNode>;
  /** Filled in by the log: brings the line of an event into view. */
  reveal?: RefObject<Reveal | null>;
  /** What stands behind the last line, as a line of its own: so nothing outside the log changes its height. */
  children?: ReactNode;
}

/** What was said and done. Follows the end unless the worker has scrolled away from it. */
export function ChatLog(props: LogProps) {
  const { say } = useWords();
  const entries = useMemo(() => withoutRepeats(props.entries, say), [props.entries, say]);
  const box = useRef<HTMLDivElement>(null);
  const { start, follows, earlier, reveal } = useWindow(box, props.chatId, entries);
  const outcomes = useMemo(() => outcomesOf(entries), [entries]);
  const receipts = useReceipts(props.entries);
  const slot = props.reveal;
  const shown = entries.slice(start);
  const askedHere = (entry: Entry) => (entry.kind === "ActionProposed" ? props.asked?.get(String(entry.data["action_id"])) : undefined);
  const known = new Set(entries.filter((e) => e.kind === "ActionProposed").map((e) => e.data["action_id"]));
  useEffect(() => {
    if (!slot) return;
    slot.current = reveal;
    return () => {
      slot.current = null;
    };
  }, [slot, reveal]);
  /** What the log was like when it was last laid out: a scroll in another layout is not the worker's. */
  const laidOut = useRef("");
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (follows.current) element.scrollTop = element.scrollHeight;
    laidOut.current = layoutOf(element);
    if (entries.length) shownAtLast(props.chatId);
  }, [follows, entries, props.draft, props.typing, props.chatId]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const resized = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
      laidOut.current = layoutOf(element);
    });
    resized.observe(element);
    return () => resized.disconnect();
  }, [follows]);
  return (
    <div
      ref={box}
      className={classes["log"]}
      role="log"
      aria-label={say("chat.log")}
      tabIndex={0}
      onScroll={(event) => {
        const e = event.currentTarget;
        const before = laidOut.current;
        laidOut.current = layoutOf(e);
        // The browser moves the words itself when the window changes; that is no wish to read further up.
        if (before === laidOut.current || isAtEnd(e)) follows.current = isAtEnd(e);
      }}
    >
      {start > 0 && (
        <Button size="compact-xs" variant="subtle" className={classes["earlier"] ?? ""} onClick={earlier}>
          {say("chat.earlier", { n: start })}
        </Button>
      )}
      <ul className={classes["list"]}>
        {shown.map((entry) => {
          const asked = askedHere(entry);
          if (asked)
            return (
              <li key={entry.seq} className={classes["asked"]} data-seq={entry.seq}>
                {asked}
              </li>
            );
          return (
            <EntryLine
              key={entry.seq}
              entry={entry}
              outcome={entry.kind === "ActionProposed" ? outcomes.get(entry.data["action_id"]) : undefined}
              {...(entry.kind === "WhisperSent" ? { receipt: receipts.get(entry.seq), onReveal: reveal } : {})}
              me={props.me}
              workers={props.workers}
            />
          );
        })}
        {[...(props.asked ?? [])].map(([id, asked]) =>
          known.has(id) ? null : (
            <li key={id} className={classes["asked"]}>
              {asked}
            </li>
          ),
        )}
        {props.draft && (
          <li className={`${classes["bubble"]} ${classes["draft"]}`} data-kind="draft" aria-hidden>
            <span className={classes["who"]}>{say("chat.draft")}</span>
            {props.draft.text}
          </li>
        )}
        {props.typing && (
          <li className={`${classes["bubble"]} ${classes["system"]}`} data-kind="typing">
            {say("chat.typing")}
          </li>
        )}
        {props.children}
      </ul>
    </div>
  );
}

/** What became of each whisper; the same object for as long as it says the same, so that no line is drawn again. */
function useReceipts(entries: readonly Entry[]): ReadonlyMap<number, Receipt> {
  const before = useRef(new Map<number, Receipt>());
  return useMemo(() => {
    const now = new Map<number, Receipt>();
    for (const entry of entries) {
      if (entry.kind !== "WhisperSent") continue;
      const receipt = receiptOf(entries, entry);
      const known = before.current.get(entry.seq);
      now.set(entry.seq, known && JSON.stringify(known) === JSON.stringify(receipt) ? known : receipt);
    }
    before.current = now;
    return now;
  }, [entries]);
}

const layoutOf = (log: HTMLElement) => `${log.clientWidth} ${log.clientHeight} ${log.scrollHeight}`;

/** The last thing that happened to each action: it is told in the line of its proposal. */
function outcomesOf(entries: readonly Entry[]): Map<unknown, Entry> {
  const outcomes = new Map<unknown, Entry>();
  for (const entry of entries) {
    if (entry.kind.startsWith("Action") && entry.kind !== "ActionProposed") outcomes.set(entry.data["action_id"], entry);
  }
  return outcomes;
}
