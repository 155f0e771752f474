import type { ChatCard, ChatView, Entry, FloorUpdate, FloorView, WorkerCard } from "../api/types";

/** The floor by id, so that an update replaces what it carries and touches nothing else. */
export interface FloorState {
  position: number;
  chats: Readonly<Record<string, ChatCard>>;
  workers: Readonly<Record<string, WorkerCard>>;
  switches: Readonly<Record<string, boolean>>;
}

export const EMPTY: FloorState = { position: 0, chats: {}, workers: {}, switches: {} };

export function fromSnapshot(snapshot: FloorView): FloorState {
  return {
    position: snapshot.position,
    chats: Object.fromEntries(snapshot.chats.map((c) => [c.chat_id, c])),
    workers: Object.fromEntries(snapshot.workers.map((w) => [w.worker_id, w])),
    switches: snapshot.switches,
  };
}

/** An update that was seen already changes nothing: snapshot + updates = fresh snapshot. */
export function reduceFloor(state: FloorState, update: FloorUpdate): FloorState {
  if (update.position <= state.position) return state;
  let { chats, workers } = state;
  if (update.gone || update.chat) {
    const after = { ...chats };
    if (update.gone) delete after[update.gone];
    if (update.chat) {
      if (update.chat.episode === "closed" && !update.chat.left_in_danger) delete after[update.chat.chat_id];
      else after[update.chat.chat_id] = update.chat;
    }
    chats = after;
  }
  if (update.workers?.length) {
    const after = { ...workers };
    for (const card of update.workers) {
      if (card.presence === "off") delete after[card.worker_id];
      else after[card.worker_id] = card;
    }
    workers = after;
  }
  return {
    position: update.position,
    chats,
    workers,
    switches: update.switches ?? state.switches,
  };
}

/** Entries replace their like by seq: a redaction sends the redacted entry again. */
export function mergeEntries(entries: readonly Entry[], more: readonly Entry[]): Entry[] {
  const bySeq = new Map(entries.map((e) => [e.seq, e]));
  for (const entry of more) bySeq.set(entry.seq, entry);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

export function reduceChat(view: ChatView, update: FloorUpdate): ChatView {
  const { chat, entries } = update;
  if (!chat || chat.chat_id !== view.card.chat_id || chat.seq < view.card.seq) return view;
  return { card: chat, entries: entries ? mergeEntries(view.entries, entries) : view.entries };
}
