import { listen } from "./feed";
import { type Identity, Lapsed, scopeOf, WhoIsThere } from "./identity";
import { Outbox, type Unsent } from "./outbox";
import { type Opened, type Place, path, type Returned } from "./place";
import { lapsedBy, Moved, Refused } from "./refusal";
import { HERE, Kept, VISITOR } from "./store";
import { EMPTY, reduce, type Update, type View } from "./view";

export interface Options {
  desk: string;
  language: string;
  /** Told when the customer's token has run out and the page gave no other. */
  lapsed: () => void;
}

const FEED_AGAIN_MS = 2_000;
const SEND_AGAIN_MS = 2_000;
const SEND_AGAIN_MOST_MS = 30_000;
const MOVES = 4;
/** What happens when a customer comes back to a tab. */
const BACK = ["focus", "visibilitychange"];

/**
 * The customer's side of the API: who is there, their chat, and what they have written.
 *
 * All that is known belongs to one scope (see `store.ts`). Whatever was asked for in another is
 * thrown away when it answers: `era` counts how often that has changed.
 */
export class Client {
  view: View = EMPTY;
  connected = true;
  typing = false;
  /** No token to go on with (it has run out, or none could be had that holds): the customer decides. */
  lapsed: Lapsed["why"] | "" = "";
  /** A visitor's chat was left behind because somebody has signed in. */
  movedOn = false;
  /** How many characters a message may have; 0 while the desk hasn't said. */
  limit = 0;
  readonly kept = new Kept();
  readonly outbox = new Outbox(this.kept);
  private who = new WhoIsThere(null);
  private guest = false;
  /** Who was here when somebody else took the browser, until it is known who is here now. */
  private before = "";
  private place: Place | null = null;
  private greeted = false;
  private greeting: Promise<void> | null = null;
  /** Whether something was written on this page view, and what of it goes along with a sign-in. */
  private wrote = false;
  private along = "";
  /** What was written while it couldn't be found out who is there. */
  private early = "";
  private flushing = false;
  private era = 0;
  private endFeed: (() => void) | null = null;
  private feedTimer = 0;
  private typingTimer = 0;
  private sendTimer = 0;
  private sendAgainMs = SEND_AGAIN_MS;

  constructor(
    private readonly options: Options,
    private readonly changed: () => void,
  ) {
    addEventListener("storage", this.heard);
    addEventListener("online", this.flush);
    for (const event of BACK) addEventListener(event, this.back);
  }

  /** Whether it is known who is there. */
  get ready(): boolean {
    return this.kept.scope !== "";
  }

  get inChat(): boolean {
    return this.place !== null;
  }

  /** Messages that the chat doesn't show yet. */
  get unsent(): Unsent[] {
    return this.outbox.shown(this.view.messages, this.view.seq);
  }

  /** Somebody is there, says the page. What another customer has seen goes at once. */
  identify(source: Identity): void {
    const scope = typeof source === "function" ? "" : scopeOf(source);
    this.who = new WhoIsThere(source);
    this.before = this.lapsed = "";
    this.guest = false;
    if (scope !== this.kept.scope) {
      if (scope) this.enterScope(scope);
      else this.leaveScope();
    }
    void this.start();
  }

  /** Find the chat of before, and send what was not sent. */
  start = async (): Promise<void> => {
    this.lapsed = "";
    try {
      await this.settle();
      if (!this.place) this.enter(this.kept.get<Place>("chat"));
      if (!this.place && (this.kept.scope !== VISITOR || this.kept.get("visitor"))) await this.greet();
    } catch (error) {
      this.lapse(error);
    }
    this.changed();
    void this.flush();
  };

  /** The window is open: know the limits, and whether the token still holds, before anything is written. */
  async look(): Promise<void> {
    if (this.ready && !this.place && !this.greeted) await this.greet().catch((error: unknown) => this.lapse(error));
    this.changed();
  }

  /** What stands in the field, not yet sent. */
  get draft(): string {
    return (this.ready ? this.kept.get<string>("draft") : this.early) || "";
  }

  set draft(text: string) {
    this.wrote = true;
    if (this.ready) this.kept.put("draft", text);
    else this.early = text;
  }

  say(text: string): void {
    this.wrote = true;
    this.outbox.add(text, this.view.seq);
    this.movedOn = false;
    void this.flush();
  }

  sendAgain(one: Unsent): void {
    if (one.why === "chat_closed") this.fresh();
    one.state = "waiting";
    this.lapsed = "";
    void this.flush();
  }

  /** Go on without the token: what is unsent comes along, the chat of before stays behind. */
  goAsGuest(): void {
    const texts = this.outbox.waiting();
    const { draft } = this;
    for (const one of this.outbox.all) this.outbox.remove(one);
    this.draft = "";
    this.early = draft;
    this.guest = true;
    this.enterScope(VISITOR);
    for (const text of texts) this.outbox.add(text, 0);
    void this.start();
  }

  /** Forget the chat, the visitor and every unsent word in this browser; a visitor is there. */
  logout(): void {
    this.kept.forget();
    this.wrote = false;
    this.leaveScope();
    this.identify(null);
  }

  async rate(rating: number, comment: string): Promise<void> {
    await this.own("/rating", { rating, ...(comment ? { comment } : {}) });
  }

  async leave(): Promise<void> {
    await this.own("/leave", {});
  }

  nowTyping(): void {
    const { place } = this;
    if (place) this.post(path(place, "/typing"), {}, this.headers(place)).catch(() => undefined);
  }

  /** Forget the chat, so that the next message opens a new one. */
  fresh(): void {
    this.dropPlace();
    this.kept.put("chat", null);
    this.changed();
  }

  stop(): void {
    this.era++;
    this.endFeed?.();
    clearTimeout(this.feedTimer);
    clearTimeout(this.typingTimer);
    clearTimeout(this.sendTimer);
    removeEventListener("storage", this.heard);
    removeEventListener("online", this.flush);
    for (const event of BACK) removeEventListener(event, this.back);
  }

  /** Send what waits, in order, each until it is known to have arrived. */
  flush = async (): Promise<void> => {
    this.changed();
    if (this.flushing || !this.ready || this.lapsed) return;
    this.flushing = true;
    clearTimeout(this.sendTimer);
    let moves = 0;
    for (let one = this.outbox.next(); one; one = this.outbox.next()) {
      try {
        this.outbox.arrived(one, await this.deliver(one));
        this.sendAgainMs = SEND_AGAIN_MS;
      } catch (error) {
        if (!(error instanceof Moved) || ++moves > MOVES) {
          if (!this.failed(one, error)) break;
        }
      }
      this.changed();
    }
    this.flushing = false;
    this.changed();
  };

  /** Note why a message hasn't arrived; says whether the next one may be tried. */
  private failed(one: Unsent, error: unknown): boolean {
    if (error instanceof Refused && error.code === "command_reused") {
      this.outbox.arrived(one, 0); // An earlier try had arrived, and its answer was lost.
      return true;
    }
    const final = error instanceof Refused && error.status < 500 && error.status !== 429;
    one.state = final ? "refused" : "failed";
    if (final) {
      one.why = error.code;
      if (error.code === "text_too_long") this.limit = Number(error.fields["limit"]) || this.limit;
    } else if (!this.lapse(error)) {
      this.sendTimer = window.setTimeout(this.flush, this.sendAgainMs);
      this.sendAgainMs = Math.min(2 * this.sendAgainMs, SEND_AGAIN_MOST_MS);
    }
    return final;
  }

  /** Send one message to the chat, or open one with it; returns its seq. */
  private async deliver(one: Unsent): Promise<number> {
    if (!this.place) this.enter(this.kept.get<Place>("chat"));
    if (!this.place) await this.greet(); // A chat may be open that this tab doesn't know of.
    const body = { text: one.text, command_id: one.id };
    if (this.place && this.view.chat?.state !== "ended") return (await this.own<{ seq: number }>("/messages", body)).seq;
    const opened = await this.named<Opened>("/api/customer/chats", { ...body, language: this.options.language });
    for (const other of this.outbox.all) other.after = 0;
    this.view = EMPTY;
    this.enter(opened);
    return opened.seq;
  }

  /** Ask for the open chats of whoever is there; a visitor without a token gets one. */
  private greet(): Promise<void> {
    this.greeting ??= this.greetOnce().finally(() => (this.greeting = null));
    return this.greeting;
  }

  private async greetOnce(): Promise<void> {
    const found = await this.named<Returned>("/api/customer/return", {});
    this.greeted = true;
    this.limit = found.text_chars;
    if (found.visitor && !this.kept.get("visitor")) this.kept.put("visitor", found.visitor);
    if (!this.place) this.enter(found.chats[0]);
  }

  /** Find out who is there; somebody else than before finds nothing of theirs. */
  private async settle(fresh = false): Promise<string | null> {
    const { here, scope: mine, seen } = this.kept;
    if (mine && here !== mine && here !== seen) {
      this.lookAgain();
      throw new Moved();
    }
    const { era, who } = this;
    const token = this.guest ? null : await who.ask(fresh);
    if (era !== this.era) throw new Moved();
    const scope = scopeOf(token);
    if (scope !== this.kept.scope) {
      if (this.before && token && !who.renewable) await this.vouch(token);
      const first = !this.ready;
      this.enterScope(scope);
      if (!first) throw new Moved();
    }
    return token;
  }

  /** A token that stands in the page may be of long ago: the desk says whether it still holds. */
  private async vouch(identity: string): Promise<void> {
    await this.post("/api/customer/return", { identity }).catch((error: unknown) => {
      throw error instanceof Moved ? error : lapsedBy(error);
    });
  }

  /** Post in the name of whoever is there; a token that has run out is renewed once. */
  private async named<T>(where: string, body: object): Promise<T> {
    for (let fresh = false; ; fresh = true) {
      const token = await this.settle(fresh);
      const visitor = this.kept.get<string>("visitor");
      const who = token ? { identity: token } : visitor ? { visitor } : {};
      try {
        return await this.post<T>(where, { ...who, ...body });
      } catch (error) {
        if (!(error instanceof Refused) || (error.status !== 401 && error.status !== 403)) throw error;
        if (token && (fresh || !this.who.renewable)) throw lapsedBy(error);
        if (fresh) throw error;
        if (!token) this.kept.put("visitor", null);
        if (!token && where.endsWith("/chats")) await this.greet();
      }
    }
  }

  /** Post to the chat with its token, and with whoever is there beside it. */
  private async own<T>(rest: string, body: object): Promise<T> {
    await this.settle();
    const { place } = this;
    if (!place) throw new Moved();
    try {
      return await this.post<T>(path(place, rest), body, this.headers(place));
    } catch (error) {
      if (!(error instanceof Refused) || ![401, 403, 404].includes(error.status)) throw error;
      await this.findAgain(error.status);
      throw new Moved();
    }
  }

  /** The token of the chat has run out, or opens somebody else's: ask which chats are open. */
  private async findAgain(status: number): Promise<void> {
    const { view } = this;
    this.dropPlace();
    this.kept.put("chat", null);
    if (status === 401) this.view = view;
    await this.greet();
  }

  private enter(place: Place | null | undefined): void {
    if (!place || place.expires_s * 1_000 <= Date.now()) return;
    const { chat_id, token, expires_s, text_chars } = place;
    if (this.view.chat && this.view.chat.chat_id !== chat_id) this.view = EMPTY;
    this.place = { chat_id, token, expires_s, text_chars };
    this.limit = text_chars;
    this.kept.put("chat", this.place);
    this.follow();
  }

  private follow = (): void => {
    const { place } = this;
    this.endFeed?.();
    clearTimeout(this.feedTimer);
    if (!place) return;
    const after = this.view.seq ? `?after=${this.view.seq}` : "";
    const apply = (data: string) => {
      const update = JSON.parse(data) as Update;
      this.view = reduce(this.view, update);
      if (update.messages?.some((m) => m.author !== "customer")) this.typing = false;
    };
    this.endFeed = listen(this.options.desk + path(place, `/feed${after}`), this.headers(place), {
      opened: () => {
        this.connected = true;
        void this.flush();
      },
      frame: (event, data) => {
        if (event === "message") apply(data);
        else if (event === "snapshot") {
          this.view = EMPTY;
          apply(data);
        } else if (event === "reset") {
          this.view = EMPTY;
          this.follow();
        } else if (event === "typing") {
          this.typing = true;
          clearTimeout(this.typingTimer);
          this.typingTimer = window.setTimeout(() => {
            this.typing = false;
            this.changed();
          }, 6_000);
        } else return;
        this.changed();
      },
      lost: (status) => {
        if ([401, 403, 404].includes(status)) {
          this.findAgain(status).catch((error: unknown) => this.lapse(error) || this.followLater());
        } else this.followLater();
        this.changed();
      },
    });
  };

  private followLater(): void {
    this.connected = false;
    this.feedTimer = window.setTimeout(this.follow, FEED_AGAIN_MS * (1 + Math.random() / 2));
    this.changed();
  }

  private enterScope(scope: string): void {
    const { early } = this;
    this.leaveScope();
    this.movedOn = this.kept.enter(scope, scope !== this.before) && scope !== VISITOR;
    this.before = "";
    this.outbox.load();
    // Who signs in on this page finds their words in the field: seen before they are sent.
    if (scope === VISITOR) this.along = "";
    if (this.along || early) this.draft = [this.along, early, this.draft].filter(Boolean).join("\n");
    this.along = "";
    this.wrote = false;
    this.changed();
  }

  private leaveScope(): void {
    if (this.wrote && this.kept.scope === VISITOR) {
      this.along = [...this.outbox.waiting(), this.draft].filter(Boolean).join("\n");
    }
    this.dropPlace();
    this.kept.scope = "";
    this.outbox.all = [];
    this.lapsed = this.early = "";
    this.greeted = this.movedOn = false;
    this.changed();
  }

  private dropPlace(): void {
    this.era++;
    this.endFeed?.();
    clearTimeout(this.feedTimer);
    this.place = null;
    this.view = EMPTY;
    this.typing = false;
    this.connected = true;
  }

  /** Whether this is the end of a token: the customer is then asked how to go on. */
  private lapse(error: unknown): boolean {
    if (!(error instanceof Lapsed)) return false;
    this.lapsed = error.why;
    this.options.lapsed();
    this.changed();
    return true;
  }

  /**
   * Somebody else may have taken this browser since: then nothing of whoever was here stays on the
   * page, and the page is asked again, whatever it said before.
   */
  private lookAgain(): void {
    this.before = this.kept.scope || this.before;
    this.wrote = false; // A visitor's words go along with a sign-in on this page, not in another tab.
    this.leaveScope();
    this.who = new WhoIsThere(this.who.source);
    this.guest = false;
    void this.start();
  }

  private back = (): void => {
    if (this.ready && this.kept.here !== this.kept.scope) this.lookAgain();
  };

  /** Another tab of this browser has opened, left or forgotten a chat, or written something. */
  private heard = (event: StorageEvent): void => {
    const name = event.key === null ? "chat" : this.kept.nameOf(event.key);
    if ((!event.key || event.key === HERE) && this.kept.here !== this.kept.scope) this.lookAgain();
    if (!this.ready || name === null) return;
    if (name === "chat") {
      const place = this.kept.get<Place>("chat");
      if (!place) this.dropPlace();
      else if (place.chat_id !== this.place?.chat_id) this.enter(place);
    }
    this.outbox.load();
    this.changed();
  };

  private headers(place: Place): Record<string, string> {
    const { token } = this.who;
    return {
      authorization: `Bearer ${place.token}`,
      ...(token && !this.guest ? { "x-stepin-identity": token } : {}),
    };
  }

  private async post<T>(where: string, body: object, headers: Record<string, string> = {}): Promise<T> {
    const { era } = this;
    const response = await fetch(this.options.desk + where, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const answer = (await response.json().catch(() => null)) as (T & { error?: { code: string; fields: Record<string, unknown> } }) | null;
    if (era !== this.era) throw new Moved();
    if (!response.ok) throw new Refused(response.status, answer?.error?.code ?? "", answer?.error?.fields ?? {});
    if (!answer) throw new Error(); // It was cut off.
    return answer;
  }
}
