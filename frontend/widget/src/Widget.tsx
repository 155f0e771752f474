import { Component, type RefObject } from "preact";

import type { Client } from "./client";
import type { Unsent } from "./outbox";
import type { Message } from "./view";
import type { Words } from "./words";

interface Shown {
  client: Client;
  words: Words;
}

/** What the server counts: characters, not the halves of a surrogate pair. */
const length = (text: string) => [...text.trim()].length;

/**
 * Classes, not hooks: the widget has a budget, and hooks alone are a kilobyte of it. The window
 * opens by itself where there is a chat to go on with, unless the customer has closed it, and takes
 * the focus only when it was asked for.
 */
export class Widget extends Component<Shown & { startOpen: boolean }, { open: boolean | null; asked: boolean }> {
  override state = { open: null as boolean | null, asked: false };

  override componentDidMount() {
    this.componentDidUpdate();
  }

  /** What has opened by itself stays open. */
  override componentDidUpdate() {
    if (this.state.open === null && this.opensByItself()) {
      this.setState({ open: true });
      void this.props.client.look();
    }
  }

  private opensByItself(): boolean {
    const { client, startOpen } = this.props;
    return !client.kept.closed && (startOpen || client.inChat);
  }

  private show = (open: boolean) => {
    this.props.client.kept.closed = !open;
    this.setState({ open, asked: open });
    if (open) void this.props.client.look();
  };

  render() {
    const { client, words } = this.props;
    const { open, asked } = this.state;
    if (open ?? this.opensByItself()) {
      return <Window key={client.kept.scope} client={client} words={words} focus={asked} onClose={() => this.show(false)} />;
    }
    return (
      <button class="l" onClick={() => this.show(true)} aria-expanded="false">
        <span aria-hidden="true">💬</span>
        {words.open}
      </button>
    );
  }
}

class Window extends Component<Shown & { focus: boolean; onClose: () => void }, { text: string }> {
  override state = { text: this.props.client.draft };
  private readonly field: RefObject<HTMLTextAreaElement | null> = { current: null };
  private readonly end: RefObject<HTMLLIElement | null> = { current: null };
  private lastTyping = 0;
  private seen = "";

  override componentDidMount() {
    if (this.props.focus) this.field.current?.focus();
    this.componentDidUpdate();
  }

  override componentDidUpdate() {
    const { view, typing, unsent } = this.props.client;
    const now = `${view.messages.length} ${unsent.length} ${typing}`;
    if (now !== this.seen) this.end.current?.scrollIntoView({ block: "end" });
    this.seen = now;
  }

  private write = (text: string) => {
    this.props.client.draft = text;
    this.setState({ text });
  };

  private send = () => {
    const { client } = this.props;
    const { text } = this.state;
    if (!text.trim() || this.tooLong()) return;
    if (!client.ready) return void client.start();
    this.write("");
    this.lastTyping = 0;
    client.say(text.trim());
    this.field.current?.focus();
  };

  private tooLong(): string {
    const { client, words } = this.props;
    const n = client.limit ? length(this.state.text) : 0;
    if (n <= client.limit) return "";
    return words.long.replace("{most}", String(client.limit)).replace("{n}", String(n));
  }

  private change = (one: Unsent) => {
    const { client } = this.props;
    client.outbox.remove(one);
    this.write([one.text, this.state.text].filter(Boolean).join("\n"));
    this.field.current?.focus();
  };

  render() {
    const { client, words, onClose } = this.props;
    const { chat, messages } = client.view;
    const { unsent } = client;
    const { text } = this.state;
    const ended = chat?.state === "ended";
    const tooLong = this.tooLong();
    return (
      <section class="w" role="dialog" aria-label={words.title} onKeyDown={(event) => event.key === "Escape" && onClose()}>
        <header class="h">
          <div>
            <b>{words.title}</b>
            <small role="status">{chat && speaker(chat.speaker, chat.speaker_name, words, ended)}</small>
          </div>
          <button onClick={onClose} aria-label={words.close}>
            ×
          </button>
        </header>
        {!client.connected && <div class="p">{words.offline}</div>}
        {client.lapsed && (
          <div class="p" role="alert">
            {words[client.lapsed] + words.signIn}
            <button onClick={() => void client.start()}>{words.check}</button>
            <button onClick={() => client.goAsGuest()}>{words.guest}</button>
          </div>
        )}
        <div role="log" aria-label={words.title} style={{ display: "contents" }}>
          <ul class="m" tabIndex={0}>
            {client.movedOn && <li class="b system">{words.moved}</li>}
            {messages.length + unsent.length === 0 && <li class="b system">{words.hello}</li>}
            {messages.map((m) => (
              <Bubble key={m.seq} message={m} words={words} />
            ))}
            {unsent.map((one) => (
              <UnsentBubble key={one.id} one={one} client={client} words={words} onChange={this.change} />
            ))}
            {client.typing && !ended && (
              <li class="b system">
                {(chat?.speaker === "worker" && chat.speaker_name) || words.ai} {words.typing}…
              </li>
            )}
            {ended && <li class="b system">{words.ended}</li>}
            <li ref={this.end} aria-hidden="true" />
          </ul>
        </div>
        {tooLong && (
          <div class="p" role="alert">
            {tooLong}
          </div>
        )}
        {ended ? (
          <Ending client={client} words={words} />
        ) : (
          <form
            class="f"
            onSubmit={(event) => {
              event.preventDefault();
              this.send();
            }}
          >
            <textarea
              ref={this.field}
              rows={2}
              aria-label={words.write}
              aria-invalid={!!tooLong}
              placeholder={words.write}
              disabled={!(client.ready || client.lapsed)}
              value={text}
              onInput={(event) => {
                // Control and zero-width characters come by pasting: the desk would refuse them.
                this.write(event.currentTarget.value.replace(/[^\P{Cc}\s]|\u200b/gu, ""));
                if (Date.now() - this.lastTyping > 3_000) {
                  this.lastTyping = Date.now();
                  client.nowTyping();
                }
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
                  event.preventDefault();
                  this.send();
                }
              }}
            />
            <button class="s" disabled={!text.trim() || !!tooLong}>
              {words.send}
            </button>
          </form>
        )}
        {chat && !ended && (
          <button class="q" onClick={() => void client.leave().catch(() => undefined)}>
            {words.leave}
          </button>
        )}
      </section>
    );
  }
}

/** A message of the customer's that isn't known to have arrived. */
function UnsentBubble(props: Shown & { one: Unsent; onChange: (one: Unsent) => void }) {
  const { one, client, words, onChange } = props;
  // Nothing is being sent while it isn't known for whom.
  const stuck = !one.seq && (one.state !== "waiting" || client.lapsed);
  const why = one.state !== "refused" ? words.failed : one.why === "chat_closed" ? words.closed : words.refused;
  return (
    <li class="b customer u" data-state={one.seq ? "sent" : one.state}>
      <i>
        {words.you}
        {!stuck && !one.seq && ` · ${words.sending}`}
      </i>
      {one.text}
      {stuck && <small>{why}</small>}
      {stuck && (
        <span>
          {one.why === "text_too_long" ? (
            <button onClick={() => onChange(one)}>{words.change}</button>
          ) : (
            <button onClick={() => client.sendAgain(one)}>{words.retry}</button>
          )}
          <button
            onClick={() => {
              client.outbox.remove(one);
              void client.flush();
            }}
          >
            {words.remove}
          </button>
        </span>
      )}
    </li>
  );
}

function speaker(who: string, name: string, words: Words, ended: boolean): string {
  if (ended) return words.ended;
  if (who === "ai") return words.nowAi;
  return who === "worker" ? words.nowPerson.replace("{name}", name) : words.waiting;
}

function Bubble(props: { message: Message; words: Words }) {
  const { message, words } = props;
  const who = { customer: words.you, ai: words.ai, worker: message.name ?? "", system: "" }[message.author];
  return (
    <li class={`b ${message.author}`} data-seq={message.seq}>
      {who && <i>{who}</i>}
      {message.text}
    </li>
  );
}

class Ending extends Component<Shown, { stars: number; comment: string; done: boolean }> {
  override state = { stars: 0, comment: "", done: false };

  render() {
    const { client, words } = this.props;
    const { chat } = client.view;
    const { stars, comment, done } = this.state;
    const rated = done || (chat?.rating ?? null) !== null;
    const invited = chat?.rating_invited && !rated;
    return (
      <div class="e">
        {rated && <div role="status">{words.rated}</div>}
        {invited && (
          <form
            style={{ display: "contents" }}
            onSubmit={(event) => {
              event.preventDefault();
              client.rate(stars, comment).then(
                () => this.setState({ done: true }),
                () => undefined,
              );
            }}
          >
            <b>{words.rate}</b>
            <div class="k" role="group" aria-label={words.rate}>
              {[1, 2, 3, 4, 5].map((n) => (
                <button
                  key={n}
                  type="button"
                  aria-pressed={stars === n}
                  aria-label={words.star.replace("{n}", String(n))}
                  onClick={() => this.setState({ stars: n })}
                >
                  {n <= stars ? "★" : "☆"}
                </button>
              ))}
            </div>
            <input
              aria-label={words.comment}
              placeholder={words.comment}
              maxLength={2000}
              value={comment}
              onInput={(event) => this.setState({ comment: event.currentTarget.value })}
            />
            <button class="s" disabled={!stars}>
              {words.send}
            </button>
          </form>
        )}
        <button class="q" onClick={() => client.fresh()}>
          {words.again}
        </button>
      </div>
    );
  }
}
