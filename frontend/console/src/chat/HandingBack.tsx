import { Button, Text, VisuallyHidden } from "@mantine/core";
import { useCallback, useRef, useState } from "react";

import type { ChatCard } from "../api/types";
import { useWords } from "../i18n";
import { Kbd, useKeyOf } from "../keys/Kbd";
import { useTick } from "../parts/time";
import classes from "./chat.module.css";

const UNDO_MS = 3_000;

/**
 * Hand-backs that are about to be sent, by chat. They can't be recalled once the AI speaks again,
 * so each waits a moment, also while the worker looks at another chat.
 */
export function useHandBack(send: (card: ChatCard, note: string) => void) {
  const [until, setUntil] = useState<Readonly<Record<string, number>>>({});
  const timers = useRef(new Map<string, number>());
  const forget = useCallback((chatId: string) => {
    window.clearTimeout(timers.current.get(chatId));
    timers.current.delete(chatId);
    setUntil(({ [chatId]: _, ...others }) => others);
  }, []);
  const start = (card: ChatCard, note: string) => {
    forget(card.chat_id);
    setUntil((now) => ({ ...now, [card.chat_id]: Date.now() + UNDO_MS }));
    const go = () => {
      forget(card.chat_id);
      send(card, note);
    };
    timers.current.set(card.chat_id, window.setTimeout(go, UNDO_MS));
  };
  return { until, start, undo: forget };
}

/** A hand-back that can still be undone. */
export function HandingBack(props: { until: number; onUndo: () => void }) {
  const { say } = useWords();
  const keyOf = useKeyOf();
  useTick(250);
  const left = Math.max(0, Math.ceil((props.until - Date.now()) / 1_000));
  return (
    <div className={classes["nudge"]} data-testid="handing-back">
      <VisuallyHidden role="status">{say("chat.handingBack", { n: UNDO_MS / 1_000 })}</VisuallyHidden>
      <Text size="sm" component="span" aria-hidden>
        {say("chat.handingBack", { n: left })}
      </Text>
      <Button size="compact-sm" variant="default" onClick={props.onUndo} {...keyOf("undo")}>
        {say("chat.undo")} <Kbd of="undo" />
      </Button>
    </div>
  );
}
