import { useEffect } from "react";

import { desk } from "../api/client";
import { useWords } from "../i18n";
import { useLive } from "../live/context";
import { useWorkers } from "../live/useWorkers";
import { Initials } from "../parts/Initials";
import { workerName } from "../parts/names";
import { usePreferences } from "../settings/preferences";
import classes from "./head.module.css";

const NOBODY = {};
const EVERY_MS = 20_000;

/** Tell colleagues that this chat is open here, for as long as it is in view. Nothing of it is recorded. */
export function useLooking(chatId: string | null): void {
  const { attention } = usePreferences().preferences;
  useEffect(() => {
    if (!chatId || !attention) return;
    const tell = () => {
      if (document.visibilityState !== "visible") return;
      desk.POST("/api/chats/{chat_id}/looking", { params: { path: { chat_id: chatId } } }).catch(() => undefined);
    };
    tell();
    const timer = window.setInterval(tell, EVERY_MS);
    return () => window.clearInterval(timer);
  }, [chatId, attention]);
}

/** Who else has this chat open, and who is writing in it. */
export function Colleagues(props: { chatId: string }) {
  const { say } = useWords();
  const workers = useWorkers();
  const here = useLive((s) => s.colleagues[props.chatId] ?? NOBODY);
  const all = Object.entries(here).map(([id, does]) => ({ id, name: workerName(workers, id), does }));
  const words = all.map((one) => say(one.does === "types" ? "chat.types" : "chat.looks", { who: one.name })).join(", ");
  return (
    <span className={classes["colleagues"]} role="status" aria-label={words} data-colleagues={all.length}>
      {all.slice(0, 3).map((one) => (
        <span key={one.id} data-does={one.does} title={say(one.does === "types" ? "chat.types" : "chat.looks", { who: one.name })}>
          <Initials name={one.name} voice="worker" />
          {one.does === "types" && <span aria-hidden>…</span>}
        </span>
      ))}
    </span>
  );
}
