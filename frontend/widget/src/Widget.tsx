import { Component, createRef } from "preact";

import { Client, type Message, type Options } from "./client";
import { type Words, wordsOf } from "./words";

interface Unsent {
  text: string;
  commandId: string;
}

interface Shown {
  client: Client;
  words: Words;
}

/** Classes, not hooks: the widget has a budget of 10 kB, and hooks alone are a tenth of it. */
export class Widget extends Component<{ options: Options; startOpen: boolean }, { open: boolean }> {
  override state = { open: this.props.startOpen };
  private readonly words = wordsOf(this.props.options.language);
  private readonly client = new Client(this.props.options, () => this.forceUpdate());

  override componentDidMount() {
    this.client
      .resume()
      .then((resumed) => resumed && this.show(true))
      .catch(() => undefined);
  }

  override componentWillUnmount() {
    this.client.stop();
  }

  private show = (open: boolean) => this.setState({ open });

  render() {
    const { client, words } = this;
    if (this.state.open) return <Window client={client} words={words} onClose={() => this.show(false)} />;
    return (
      <button class="l" onClick={() => this.show(true)} aria-expanded="false">
        <span aria-hidden="true">💬</span>
        {words.open}
      </button>
    );
  }
}

class Window extends Component<
  Shown & { onClose: () => void },
  { unsent: Unsent | null; text: string; busy: boolean }
> {
  override state = { unsent: null as Unsent | null, text: "", busy: false };
  private readonly field = createRef<HTMLTextAreaElement>();
  private readonly end = createRef<HTMLLIElement>();
  private lastTyping = 0;
  private seen = "";

  override componentDidMount() {
    this.field.current?.focus();
    this.componentDidUpdate();
  }

  override componentDidUpdate() {
    const { view, typing } = this.props.client;
    const now = `${view.messages.length} ${typing}`;
    if (now !== this.seen) this.end.current?.scrollIntoView({ block: "end" });
    this.seen = now;
  }

  private send = async (message: Unsent) => {
    if (!message.text.trim() || this.state.busy) return;
    this.setState({ busy: true, unsent: null, text: "" });
    this.lastTyping = 0;
    try {
      await this.props.client.send(message.text.trim(), message.commandId);
    } catch {
      this.setState({ unsent: message });
    }
    this.setState({ busy: false });
    this.field.current?.focus();
  };

  render() {
    const { client, words, onClose } = this.props;
    const { chat, messages } = client.view;
    const { unsent, text, busy } = this.state;
    const { send } = this;
    const ended = chat?.state === "ended";
    const now = () => ({ text, commandId: crypto.getRandomValues(new Uint32Array(4)).join("-") });
    return (
      <section
        class="w"
        role="dialog"
        aria-label={words.title}
        onKeyDown={(event) => event.key === "Escape" && onClose()}
      >
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
        <div role="log" aria-label={words.title} style={{ display: "contents" }}>
          <ul class="m" tabIndex={0}>
            {messages.length === 0 && <li class="b system">{words.hello}</li>}
            {messages.map((m) => (
              <Bubble key={m.seq} message={m} words={words} />
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
        {unsent && (
          <div class="p" role="alert">
            {words.failed}
            <button onClick={() => void send(unsent)}>{words.retry}</button>
          </div>
        )}
        {ended ? (
          <Ending client={client} words={words} />
        ) : (
          <form
            class="f"
            onSubmit={(event) => {
              event.preventDefault();
              void send(now());
            }}
          >
            <textarea
              ref={this.field}
              rows={2}
              aria-label={words.write}
              placeholder={words.write}
              maxLength={4000}
              value={text}
              onInput={(event) => {
                this.setState({ text: event.currentTarget.value });
                if (Date.now() - this.lastTyping > 3_000) {
                  this.lastTyping = Date.now();
                  client.nowTyping();
                }
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
                  event.preventDefault();
                  void send(now());
                }
              }}
            />
            <button class="s" disabled={!text.trim() || busy}>
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
              client.rate(stars, comment).then(() => this.setState({ done: true }), () => undefined);
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
