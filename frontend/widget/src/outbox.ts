import type { Kept } from "./store";

/**
 * A message that isn't known to have arrived. `after` is the last seq that was seen when it was
 * written; `state` is `waiting` until a try has failed, `refused` when trying again alone won't help.
 */
export interface Unsent {
  id: string;
  text: string;
  at: number;
  after: number;
  state: "waiting" | "failed" | "refused";
  why: string;
  /** Its seq in the chat once it has arrived; it is then shown until the feed shows it. */
  seq: number;
}

interface Arrived {
  seq: number;
  author: string;
  text: string;
}

const PREFIX = "out-";

/** `randomUUID` would need HTTPS. */
const freshId = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

/**
 * Unsent messages in the order in which they were written, kept over a reload. Each has a key of
 * its own, so that two tabs never write over each other's; its id makes every try the same command.
 */
export class Outbox {
  all: Unsent[] = [];

  constructor(private readonly kept: Kept) {}

  /** Read what is kept; what this tab knows of a message stays. */
  load(): void {
    const before = new Map(this.all.map((one) => [one.id, one]));
    const names = this.kept.names(PREFIX);
    const kept = names.map((name) => {
      const id = name.slice(PREFIX.length);
      const one = this.kept.get<Pick<Unsent, "text" | "at" | "after">>(name);
      return before.get(id) ?? (one && { ...one, id, state: "waiting", why: "", seq: 0 });
    });
    const arrived = this.all.filter((one) => one.seq);
    this.all = [...arrived, ...(kept.filter((one) => one && !one.seq) as Unsent[])].sort((a, b) => a.at - b.at);
  }

  add(text: string, after: number): void {
    const at = Math.max(Date.now(), (this.all.at(-1)?.at ?? 0) + 1);
    const one: Unsent = { id: freshId(), text, at, after, state: "waiting", why: "", seq: 0 };
    this.keep(one);
    this.all = [...this.all, one];
  }

  /** The first that waits to be sent. */
  next(): Unsent | undefined {
    return this.all.find((one) => !one.seq && one.state !== "refused");
  }

  /** The texts that haven't arrived. */
  waiting(): string[] {
    return this.all.filter((one) => !one.seq).map((one) => one.text);
  }

  /** It is in the chat at this seq; 0 if that is known and the seq is not. */
  arrived(one: Unsent, seq: number): void {
    one.seq = seq;
    this.kept.put(PREFIX + one.id, null);
    if (!seq) this.remove(one);
    // What is sent later comes later: the same words above are not those of the next.
    for (const other of this.all.filter((other) => !other.seq && other.after < seq)) {
      other.after = seq;
      this.keep(other);
    }
  }

  remove(one: Unsent): void {
    this.kept.put(PREFIX + one.id, null);
    this.all = this.all.filter((other) => other.id !== one.id);
  }

  private keep({ id, text, at, after }: Unsent): void {
    this.kept.put(PREFIX + id, { text, at, after });
  }

  /** Those that the chat doesn't show yet: an answer may be lost while its message arrived. */
  shown(messages: readonly Arrived[], seq: number): Unsent[] {
    this.all = this.all.filter((one) => !one.seq || one.seq > seq);
    const taken = new Set<number>();
    return this.all.filter((one) => {
      const same = messages.find((m) => m.author === "customer" && m.seq > one.after && m.text === one.text && !taken.has(m.seq));
      if (same) taken.add(same.seq);
      return !same;
    });
  }
}
