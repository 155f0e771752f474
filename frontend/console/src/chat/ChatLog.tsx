import { useLayoutEffect, useRef } from "react";

import type { Entry, WorkerCard } from "../api/types";
import { useWords } from "../i18n";
import type { Draft } from "../live/feed";
import classes from "./chat.module.css";
import { EntryLine } from "./EntryLine";

interface LogProps {
  chatId: string;
  entries: readonly Entry[];
  draft: Draft | undefined;
  me: string;
  workers: Readonly<Record<string, WorkerCard>>;
}

/** What was said and done. Follows the end unless the worker has scrolled away from it. */
export function ChatLog(props: LogProps) {
  const { say } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    follows.current = true;
  }, [props.chatId]);
  useLayoutEffect(() => {
    const element = box.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [props.entries, props.draft, props.chatId]);
  return (
    <div
      ref={box}
      className={classes["log"]}
      role="log"
      aria-label={say("chat.customer")}
      tabIndex={0}
      onScroll={(event) => {
        const e = event.currentTarget;
        follows.current = e.scrollHeight - e.scrollTop - e.clientHeight < 60;
      }}
    >
      <ul className={classes["list"]}>
        {props.entries.map((entry) => (
          <EntryLine key={entry.seq} entry={entry} me={props.me} workers={props.workers} />
        ))}
        {props.draft && (
          <li className={`${classes["bubble"]} ${classes["draft"]}`} data-kind="draft" aria-hidden>
            <span className={classes["who"]}>{say("chat.draft")}</span>
            {props.draft.text}
          </li>
        )}
      </ul>
    </div>
  );
}
