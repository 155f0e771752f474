/**
 * Attention, measured honestly: how long which chat was in view while the window was in front, and
 * for how much of it there was input within the last half minute. Lengths are monotonic differences,
 * so that a changed clock changes nothing.
 */
export interface Stretch {
  chat_id: string | null;
  duration_ms: number;
  active_ms: number;
  to_chat_id: string | null;
}

const INPUT_MS = 30_000;

export class Attention {
  private chat: string | null = null;
  private since: number;
  private lastInput: number;
  private active = 0;
  private seenInput: number;
  private front = true;

  constructor(
    private readonly now: () => number,
    private readonly report: (stretch: Stretch) => void,
  ) {
    this.since = this.lastInput = this.seenInput = now();
  }

  /** The worker pressed a key or moved the pointer. */
  input(): void {
    this.count();
    this.lastInput = this.now();
  }

  /** Another chat (or none) came into view. */
  view(chat: string | null): void {
    if (chat === this.chat) return;
    this.end(chat);
    this.chat = chat;
  }

  /** The window came to the front, or went to the back: then no chat is in view. */
  window(front: boolean): void {
    if (front === this.front) return;
    if (!front) this.end(null);
    else this.restart();
    this.front = front;
  }

  /** Report what has passed so far and go on with the same chat. */
  flush(): void {
    if (this.front) this.end(this.chat);
  }

  private end(to: string | null): void {
    this.count();
    const duration = Math.round(this.now() - this.since);
    if (this.front && duration > 0) {
      this.report({
        chat_id: this.chat,
        duration_ms: duration,
        active_ms: Math.min(duration, Math.round(this.active)),
        to_chat_id: to,
      });
    }
    this.restart();
  }

  private count(): void {
    const now = this.now();
    const until = Math.min(now, this.lastInput + INPUT_MS);
    this.active += Math.max(0, until - this.seenInput);
    this.seenInput = now;
  }

  private restart(): void {
    this.since = this.seenInput = this.now();
    this.active = 0;
  }
}
