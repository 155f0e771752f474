import { VisuallyHidden } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import type { ChatCard } from "../api/types";
import { useWords } from "../i18n";
import { alertWords, customerWords } from "../parts/names";
import { usePreferences } from "../settings/preferences";
import { inDanger, needsMe } from "./sections";

/** What rings once: a chat, and where somebody may be in danger every round of its ladder. */
const ringOf = (card: ChatCard) =>
  inDanger(card) ? `${card.chat_id}/${card.escalation?.flag_seq}/${card.escalation?.again}` : card.chat_id;

/** New alerts in the title, one polite status line, and, if wanted, a sound and a notification. */
export function AlertBell(props: { chats: Readonly<Record<string, ChatCard>>; me: string }) {
  const { say } = useWords();
  const { preferences } = usePreferences();
  const needing = Object.values(props.chats).filter((c) => needsMe(c, props.me));
  const before = useRef<Set<string> | null>(null);
  const [status, setStatus] = useState("");
  const ids = needing.map(ringOf).join("\n");
  useEffect(() => {
    document.title = needing.length ? `(${needing.length}) Stepin` : "Stepin";
    const fresh = before.current ? needing.filter((c) => !before.current?.has(ringOf(c))) : [];
    before.current = new Set(needing.map(ringOf));
    const first = fresh[0];
    if (!first) return;
    const cause = first.escalation ? alertWords(first.escalation, say) : say("cause.approval");
    const text = `${customerWords(first, say)}: ${cause}`;
    setStatus(text);
    if (preferences.sounds) chime();
    if (preferences.desktop && "Notification" in window && Notification.permission === "granted") {
      new Notification("Stepin", { body: text, tag: first.chat_id });
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ids]);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {status}
    </VisuallyHidden>
  );
}

function chime(): void {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.35);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.35);
}
