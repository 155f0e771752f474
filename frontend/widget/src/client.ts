/** The customer's side of the API: open, come back, follow, write, rate. */

export interface Message {
  seq: number;
  at_us: number;
  author: "customer" | "ai" | "worker" | "system";
  text: string;
  name?: string;
}

export interface Chat {
  chat_id: string;
  state: "waiting" | "active" | "ended";
  speaker: "nobody" | "ai" | "worker";
  speaker_name: string;
  rating_invited: boolean;
  rating: number | null;
}

export interface View {
  seq: number;
  chat: Chat | null;
  messages: Message[];
}

export interface Update {
  seq: number;
  chat?: Chat;
  messages?: Message[];
}

interface Place {
  chat_id: string;
  token: string;
  expires_s: number;
}

export interface Options {
  desk: string;
  identity: string | null;
  language: string;
}

export const EMPTY: View = { seq: 0, chat: null, messages: [] };

/** Replace what an update carries; one that was seen already changes nothing. */
export function reduce(view: View, update: Update): View {
  if (update.seq <= view.seq) return view;
  const bySeq = new Map(view.messages.map((m) => [m.seq, m]));
  for (const message of update.messages ?? []) bySeq.set(message.seq, message);
  return {
    seq: update.seq,
    chat: update.chat ?? view.chat,
    messages: [...bySeq.values()].sort((a, b) => a.seq - b.seq),
  };
}

export class Client {
  view: View = EMPTY;
  connected = true;
  typing = false;
  private place: Place | null = null;
  private source: EventSource | null = null;
  private typingTimer = 0;
  private retryTimer = 0;

  constructor(
    private readonly options: Options,
    private readonly changed: () => void,
    private readonly store: Pick<Storage, "getItem" | "setItem" | "removeItem"> = localStorage,
  ) {}

  /** Resume the chat of before the reload, or one that is open elsewhere. */
  async resume(): Promise<boolean> {
    const saved = this.load<Place>("chat");
    if (saved && saved.expires_s * 1_000 > Date.now()) {
      this.enter(saved);
      return true;
    }
    const who = this.who();
    if (!("identity" in who) && !("visitor" in who)) return false;
    const { chats } = await this.post<{ chats: Place[] }>("/api/customer/return", who);
    if (!chats[0]) return false;
    this.enter(chats[0]);
    return true;
  }

  async send(text: string, commandId: string): Promise<void> {
    if (!this.place || this.view.chat?.state === "ended") {
      const opened = await this.post<Place & { visitor: string | null }>("/api/customer/chats", {
        ...this.who(),
        text,
        language: this.options.language,
        command_id: commandId,
      });
      if (opened.visitor) this.store.setItem(this.key("visitor"), JSON.stringify(opened.visitor));
      this.view = EMPTY;
      this.enter({ chat_id: opened.chat_id, token: opened.token, expires_s: opened.expires_s });
    } else await this.post(this.path("/messages"), { text, command_id: commandId });
  }

  async rate(rating: number, comment: string): Promise<void> {
    await this.post(this.path("/rating"), { rating, ...(comment ? { comment } : {}) });
  }

  async leave(): Promise<void> {
    await this.post(this.path("/leave"), {});
  }

  nowTyping(): void {
    if (this.place) this.post(this.path("/typing"), {}).catch(() => undefined);
  }

  /** Forget the chat, so that the next message opens a new one. */
  fresh(): void {
    this.stop();
    this.place = null;
    this.view = EMPTY;
    this.store.removeItem(this.key("chat"));
    this.changed();
  }

  stop(): void {
    this.source?.close();
    clearTimeout(this.retryTimer);
    clearTimeout(this.typingTimer);
  }

  private enter(place: Place): void {
    this.place = place;
    this.store.setItem(this.key("chat"), JSON.stringify(place));
    this.follow();
  }

  private follow(): void {
    this.source?.close();
    const after = this.view.seq ? `&after=${this.view.seq}` : "";
    const token = encodeURIComponent(this.place?.token ?? "");
    const source = new EventSource(`${this.options.desk}${this.path("/feed")}?token=${token}${after}`);
    this.source = source;
    const apply = (update: Update) => {
      const before = this.view;
      this.view = reduce(before, update);
      if (update.messages?.some((m) => m.author !== "customer")) this.typing = false;
      if (this.view !== before) this.changed();
    };
    source.onopen = () => {
      this.connected = true;
      this.changed();
    };
    source.onmessage = (event: MessageEvent<string>) => apply(JSON.parse(event.data) as Update);
    source.addEventListener("snapshot", (event) => {
      this.view = EMPTY;
      apply(JSON.parse((event as MessageEvent<string>).data) as Update);
    });
    source.addEventListener("reset", () => {
      this.view = EMPTY;
      this.follow();
    });
    source.addEventListener("typing", () => {
      this.typing = true;
      clearTimeout(this.typingTimer);
      this.typingTimer = window.setTimeout(() => {
        this.typing = false;
        this.changed();
      }, 6_000);
      this.changed();
    });
    source.onerror = () => {
      this.connected = false;
      this.changed();
      if (source.readyState === EventSource.CLOSED) {
        this.retryTimer = window.setTimeout(() => this.follow(), 2_000);
      }
    };
  }

  private who(): { identity: string } | { visitor: string } | Record<string, never> {
    if (this.options.identity) return { identity: this.options.identity };
    const visitor = this.load<string>("visitor");
    return visitor ? { visitor } : {};
  }

  private path(rest: string): string {
    return `/api/customer/chats/${this.place?.chat_id ?? ""}${rest}`;
  }

  private key(name: string): string {
    return `stepin.${name}`;
  }

  private load<T>(name: string): T | null {
    try {
      return JSON.parse(this.store.getItem(this.key(name)) ?? "null") as T | null;
    } catch {
      return null;
    }
  }

  private async post<T>(path: string, body: unknown): Promise<T> {
    const response = await fetch(this.options.desk + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(this.place ? { authorization: `Bearer ${this.place.token}` } : {}),
      },
      body: JSON.stringify(body),
    });
    const answer = (await response.json().catch(() => ({}))) as T & { error?: { message: string } };
    if (!response.ok) throw new Error(answer.error?.message ?? response.statusText);
    return answer;
  }
}
