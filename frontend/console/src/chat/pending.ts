import { useSyncExternalStore } from "react";

import type { Entry } from "../api/types";
import type { Mode } from "./drafts";

/** A text on its way: said here, and not yet known to have arrived. */
export interface Pending {
  id: number;
  chatId: string;
  mode: Mode;
  text: string;
  /** The chat's last event when it was sent: what has arrived stands behind it. */
  since: number;
}

/** For how long the line of one that the desk has taken is awaited. */
const ARRIVES_MS = 4_000;

let all: readonly Pending[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: readonly Pending[]): void {
  all = next;
  for (const listener of listeners) listener();
}

/** Show a text as under way; the returned function ends that: at once, or when its line has come. */
export function begin(one: Omit<Pending, "id">): (taken: boolean) => void {
  const id = ++last;
  set([...all, { ...one, id }]);
  const end = () => set(all.filter((other) => other.id !== id));
  return (taken) => (taken ? window.setTimeout(end, ARRIVES_MS) : end());
}

const KINDS = { whisper: "WhisperSent", note: "MessagePosted", reply: "MessagePosted" } as const;

/** Those of a chat whose lines haven't come yet; one line answers for one text. */
export function underWay(pending: readonly Pending[], entries: readonly Entry[], actor: string): Pending[] {
  const used = new Set<number>();
  return pending.filter((one) => {
    const line = entries.findLast(
      (e) => e.seq > one.since && !used.has(e.seq) && e.actor === actor && e.kind === KINDS[one.mode] && e.data["text"] === one.text,
    );
    if (line) used.add(line.seq);
    return !line;
  });
}

export function usePending(chatId: string): readonly Pending[] {
  const now = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => all,
  );
  return now.filter((one) => one.chatId === chatId);
}
