import type { Entry } from "../api/types";
import { useWords } from "../i18n";
import classes from "./chat.module.css";
import { underWay, usePending } from "./pending";

const LOOK = { reply: "worker", whisper: "whisper", note: "note" } as const;

/** What was just sent and isn't in the log yet, where it will stand. */
export function UnderWay(props: { chatId: string; entries: readonly Entry[]; me: string }) {
  const { say } = useWords();
  const pending = underWay(usePending(props.chatId), props.entries, `worker:${props.me}`);
  return pending.map((one) => (
    <li key={one.id} className={`${classes["bubble"]} ${classes[LOOK[one.mode]]} ${classes["pending"]}`} data-pending={one.mode}>
      <span className={classes["who"]}>
        {say("chat.you")} · {say("chat.sending")}
      </span>
      {one.text}
    </li>
  ));
}
