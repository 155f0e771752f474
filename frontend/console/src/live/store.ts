import type { Draft, Entry } from "../api/types";
import { learnClock } from "../parts/time";
import type { Frame, Link } from "./feed";
import { readFloor } from "./feed";
import { shareAcrossTabs } from "./leader";
import { EMPTY, type FloorState, fromSnapshot, mergeEntries, reduceFloor } from "./reduce";

export interface LiveState {
  link: Link;
  ready: boolean;
  /** How often the floor was read afresh; what was read before may have gaps since. */
  snapshots: number;
  signedOut: boolean;
  floor: FloorState;
  /** Entries that came since a chat that is in view was opened, by chat. */
  entries: Readonly<Record<string, readonly Entry[]>>;
  drafts: Readonly<Record<string, Draft>>;
  /** The chats whose customer is writing right now. */
  typing: Readonly<Record<string, true>>;
  /** Colleagues who have a chat open or write in it right now, by chat and worker. */
  colleagues: Readonly<Record<string, Readonly<Record<string, "looks" | "types">>>>;
}

const TYPING_MS = 6_000;
/** A colleague says every now and then that they still look; who has said nothing for longer has left. */
const LOOKS_MS = 45_000;

type Hello = { type: "hello" } | Frame;

/** The live state of all tabs; components subscribe to the part that they show. */
export class LiveStore {
  private state: LiveState = {
    link: "connecting",
    ready: false,
    snapshots: 0,
    signedOut: false,
    floor: EMPTY,
    entries: {},
    drafts: {},
    typing: {},
    colleagues: {},
  };
  /** How many components show a chat; of all others no entry is kept, however long the shift. */
  private readonly inView = new Map<string, number>();
  private readonly typingTimers = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  private shared: { close(): void; send(frame: Hello): void } | null = null;
  private leading = false;

  start(): () => void {
    this.shared = shareAcrossTabs<Hello>(
      "stepin.floor",
      (send) => {
        this.leading = true;
        return readFloor(send);
      },
      (frame) => this.receive(frame),
    );
    // A tab that joins asks the leader for what it holds.
    this.shared.send({ type: "hello" });
    return () => this.shared?.close();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Keep the entries of a chat from now on, until the returned function is called. */
  view = (chatId: string): (() => void) => {
    this.inView.set(chatId, (this.inView.get(chatId) ?? 0) + 1);
    return () => {
      const left = (this.inView.get(chatId) ?? 1) - 1;
      if (left) this.inView.set(chatId, left);
      else {
        this.inView.delete(chatId);
        const { [chatId]: _, ...entries } = this.state.entries;
        this.state = { ...this.state, entries };
      }
    };
  };

  get = (): LiveState => this.state;

  private receive(frame: Hello): void {
    const before = this.state;
    switch (frame.type) {
      case "hello":
        if (this.leading && before.ready) {
          const { position, chats, workers, switches } = before.floor;
          this.shared?.send({
            type: "snapshot",
            snapshot: {
              position,
              chats: Object.values(chats),
              workers: Object.values(workers),
              switches: { ...switches },
            },
          });
          this.shared?.send({ type: "link", link: before.link });
        }
        return;
      case "snapshot":
        if (frame.snapshot.position < before.floor.position) return;
        this.state = {
          ...before,
          ready: true,
          signedOut: false,
          snapshots: before.snapshots + 1,
          floor: fromSnapshot(frame.snapshot),
        };
        break;
      case "update": {
        const floor = reduceFloor(before.floor, frame.update);
        if (floor === before.floor) return;
        const { chat, entries } = frame.update;
        const newest = entries?.at(-1);
        if (newest) learnClock(newest.at_us);
        this.state = { ...before, floor };
        if (chat && entries?.length && this.inView.has(chat.chat_id)) {
          this.state = {
            ...this.state,
            entries: {
              ...before.entries,
              [chat.chat_id]: mergeEntries(before.entries[chat.chat_id] ?? [], entries),
            },
          };
        }
        if (chat && entries?.some((e) => e.actor.startsWith("customer:"))) {
          const { [chat.chat_id]: _, ...typing } = this.state.typing;
          this.state = { ...this.state, typing };
        }
        // The draft of an AI that no longer holds the chat is cut dead.
        const draft = chat && before.drafts[chat.chat_id];
        if (draft && (draft.epoch < chat.epoch || entries?.some(isAiMessage))) {
          const { [chat.chat_id]: _, ...drafts } = before.drafts;
          this.state = { ...this.state, drafts };
        }
        break;
      }
      case "draft": {
        const chat = before.floor.chats[frame.draft.chat_id];
        if (chat && chat.epoch > frame.draft.epoch) return;
        this.state = { ...before, drafts: { ...before.drafts, [frame.draft.chat_id]: frame.draft } };
        break;
      }
      case "colleague":
        this.colleague(frame.chat_id, frame.worker_id, frame.does);
        break;
      case "link":
        this.state = { ...before, link: frame.link };
        break;
      case "signedOut":
        this.state = { ...before, signedOut: true };
        break;
      case "typing": {
        const { chat_id } = frame;
        window.clearTimeout(this.typingTimers.get(chat_id));
        this.typingTimers.set(
          chat_id,
          window.setTimeout(() => this.silent(chat_id), TYPING_MS),
        );
        if (before.typing[chat_id]) return;
        this.state = { ...before, typing: { ...before.typing, [chat_id]: true } };
        break;
      }
    }
    this.tell();
  }

  /** A colleague looks at a chat, writes in it, or (null) has done neither for a while. */
  private colleague(chatId: string, workerId: string, does: "looks" | "types" | null): void {
    const key = `${chatId} ${workerId}`;
    const { [workerId]: was, ...others } = this.state.colleagues[chatId] ?? {};
    // Who says that they look has not stopped writing yet.
    const now = does === "looks" && was === "types" ? "types" : does;
    window.clearTimeout(this.typingTimers.get(key));
    if (now) {
      const next = now === "types" ? "looks" : null;
      this.typingTimers.set(
        key,
        window.setTimeout(
          () => {
            this.colleague(chatId, workerId, null);
            if (next) this.colleague(chatId, workerId, next);
            this.tell();
          },
          now === "types" ? TYPING_MS : LOOKS_MS,
        ),
      );
    }
    const here = now ? { ...others, [workerId]: now } : others;
    const { [chatId]: _, ...elsewhere } = this.state.colleagues;
    const colleagues = Object.keys(here).length ? { ...elsewhere, [chatId]: here } : elsewhere;
    this.state = { ...this.state, colleagues };
  }

  /** The customer of a chat has stopped writing, or has written. */
  private silent(chatId: string): void {
    const { [chatId]: was, ...typing } = this.state.typing;
    if (!was) return;
    this.state = { ...this.state, typing };
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function isAiMessage(entry: Entry): boolean {
  return entry.kind === "MessagePosted" && entry.data["author"] === "ai";
}
