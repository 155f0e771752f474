import { useEffect, useRef, useState } from "preact/hooks";

import { Client, type Message, type Options } from "./client";
import { type Words, wordsOf } from "./words";

interface Unsent {
  text: string;
  commandId: string;
}

export function Widget(props: { options: Options; startOpen: boolean }) {
  const words = wordsOf(props.options.language);
  const [open, setOpen] = useState(props.startOpen);
  const [, redraw] = useState(0);
  const client = useRef<Client | null>(null);
  client.current ??= new Client(props.options, () => redraw((n) => n + 1));
  const c = client.current;
  useEffect(() => {
    c.resume()
      .then((resumed) => resumed && setOpen(true))
      .catch(() => undefined);
    return () => c.stop();
  }, [c]);
  if (!open) {
    return (
      <button class="l" onClick={() => setOpen(true)} aria-expanded="false">
        <span aria-hidden="true">💬</span>
        {words.open}
      </button>
    );
  }
  return <Window client={c} words={words} onClose={() => setOpen(false)} />;
}

function Window(props: { client: Client; words: Words; onClose: () => void }) {
  const { client, words } = props;
  const { chat, messages } = client.view;
  const [unsent, setUnsent] = useState<Unsent | null>(null);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const end = useRef<HTMLLIElement>(null);
  const lastTyping = useRef(0);
  const ended = chat?.state === "ended";

  useEffect(() => field.current?.focus(), []);
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [messages.length, client.typing]);

  const send = async (message: Unsent) => {
    if (!message.text.trim() || busy) return;
    setBusy(true);
    setUnsent(null);
    setText("");
    try {
      await client.send(message.text.trim(), message.commandId);
    } catch {
      setUnsent(message);
    }
    setBusy(false);
    field.current?.focus();
  };
  const now = () => ({ text, commandId: crypto.randomUUID() });
  return (
    <section
      class="w"
      role="dialog"
      aria-label={words.title}
      onKeyDown={(event) => event.key === "Escape" && props.onClose()}
    >
      <header class="h">
        <div>
          <b>{words.title}</b>
          <small role="status">{chat && speaker(chat.speaker, chat.speaker_name, words, ended)}</small>
        </div>
        <button onClick={props.onClose} aria-label={words.close}>
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
          <li ref={end} aria-hidden="true" />
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
            ref={field}
            rows={2}
            aria-label={words.write}
            placeholder={words.write}
            maxLength={4000}
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value);
              if (Date.now() - lastTyping.current > 3_000) {
                lastTyping.current = Date.now();
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

function Ending(props: { client: Client; words: Words }) {
  const { client, words } = props;
  const { chat } = client.view;
  const [stars, setStars] = useState(0);
  const [comment, setComment] = useState("");
  const [done, setDone] = useState(false);
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
            client.rate(stars, comment).then(() => setDone(true), () => undefined);
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
                onClick={() => setStars(n)}
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
            onInput={(event) => setComment(event.currentTarget.value)}
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
