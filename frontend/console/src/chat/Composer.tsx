import { Button, Menu, SegmentedControl, Text, Textarea } from "@mantine/core";
import { type RefObject, useEffect, useId, useRef, useState } from "react";

import { desk } from "../api/client";
import { useReplies } from "../api/queries";
import type { ChatCard, Schemas } from "../api/types";
import { report } from "../attention/report";
import { useWords } from "../i18n";
import { Divider } from "../parts/Divider";
import { showRefusal } from "../parts/notify";
import { usePreferences } from "../settings/preferences";
import type { Suggestion } from "./Brief";
import classes from "./chat.module.css";
import { type Body, bodyOf, submit, type Wish } from "./commands";
import { behind, loadDraft, loadReturned, type Mode, type Place, putBack, saveDraft, unchanged } from "./drafts";
import { begin } from "./pending";
import { isLost } from "./unanswered";
import { useFocusWithin } from "./useFocusWithin";

const TYPING_MS = 3_000;
const NAMES = { whisper: "Whisper", note: "AddNote" } as const;
/** A place in a canned reply that nobody has filled. */
const GAP = /\{[a-z_.]{1,40}\}/i;

type Reply = Schemas["CannedReply"];

interface ComposerProps {
  card: ChatCard;
  me: string;
  myName: string;
  field: RefObject<HTMLTextAreaElement | null>;
  noteOpen: boolean;
  onNoteOpen: (open: boolean) => void;
  /** Filled in by the composer while a reply can be written. */
  insert: RefObject<((one: Suggestion) => void) | null>;
}

/**
 * The mode follows the holder: while the AI holds the chat only a whisper can be written here, and
 * a reply only once the worker holds it. A worker can't pick the wrong one.
 */
export function Composer(props: ComposerProps) {
  const { card, me } = props;
  const { say } = useWords();
  const { attention } = usePreferences().preferences;
  const speaking: Mode | null =
    card.episode === "wrap_up" ? null : card.holder.kind === "ai" ? "whisper" : card.holder.id === me ? "reply" : null;
  const mode: Mode = props.noteOpen || !speaking ? "note" : speaking;
  const at: Place = { worker: me, chatId: card.chat_id, mode };
  const [text, setText] = useState(() => loadDraft(at));
  const [sending, setSending] = useState(0);
  const { within, onFocus, onBlur } = useFocusWithin();
  const [menu, setMenu] = useState(false);
  const hintId = useId();
  const queue = useRef(Promise.resolve());
  const place = `${card.chat_id}/${mode}`;
  const shown = useRef(place);
  shown.current = place;
  const started = useRef(false);
  const template = useRef<string | null>(null);
  const suggestion = useRef<Suggestion | null>(null);

  const told = useRef(-TYPING_MS);
  const [warned, setWarned] = useState<string | null>(null);

  useEffect(() => {
    setText(loadDraft(at));
    started.current = false;
    template.current = null;
    suggestion.current = null;
    return () => {
      if (started.current) tell("DraftAbandoned", at.chatId, mode, loadDraft(at).length);
      started.current = false;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [card.chat_id, mode]);

  const tell = (type: "DraftStarted" | "DraftAbandoned", chatId: string, mode: Mode, chars = 0) => {
    if (!attention) return;
    const draft = { chat_id: chatId, mode };
    report([type === "DraftAbandoned" ? { type, ...draft, chars } : { type, ...draft }]);
  };

  const write = (value: string) => {
    if (value && !started.current) {
      started.current = true;
      tell("DraftStarted", card.chat_id, mode);
    } else if (!value && started.current) {
      started.current = false;
      tell("DraftAbandoned", card.chat_id, mode, text.length);
    }
    if (value && mode === "reply" && performance.now() - told.current > TYPING_MS) {
      told.current = performance.now();
      const path = { chat_id: card.chat_id };
      desk.POST("/api/chats/{chat_id}/typing", { params: { path } }).catch(() => undefined);
    }
    if (!value) suggestion.current = null;
    setText(value);
    saveDraft(at, value);
  };

  useEffect(() => {
    const slot = props.insert;
    slot.current =
      mode === "reply"
        ? (one) => {
            // A suggestion that was inserted and not touched gives way to the next one.
            const untouched = suggestion.current && text === suggestion.current.text;
            suggestion.current = one;
            write(text && !untouched ? `${text}\n${one.text}` : one.text);
            props.field.current?.focus();
          }
        : null;
    return () => {
      slot.current = null;
    };
  });

  const wishOf = (said: string): Wish => {
    if (mode !== "reply") return { type: NAMES[mode], text: said };
    const from = suggestion.current;
    return {
      type: "Reply",
      text: said,
      ...(template.current ? { template: template.current } : {}),
      ...(from ? { suggestion_id: from.suggestion_id, suggestion_edited: said !== from.text.trim() } : {}),
    };
  };

  // The field is free at once; what isn't known to have arrived comes back to where it was written.
  const send = () => {
    const said = text.trim();
    if (!said) return;
    if (mode === "reply" && GAP.test(said) && warned !== said) {
      setWarned(said);
      return;
    }
    // What came back and was not touched is the same command again; only the rest is new.
    const again = unchanged(loadReturned(at), text);
    const rest = behind(again, text).trim();
    const all = [...again, ...(rest ? [{ text: rest, body: bodyOf(card, wishOf(rest)) }] : [])];
    setText("");
    setWarned(null);
    saveDraft(at, "");
    started.current = false;
    template.current = null;
    suggestion.current = null;
    props.field.current?.focus();
    if (mode === "note" && speaking) props.onNoteOpen(false);
    for (const one of all) sendOne(one.text, one.body);
  };

  const sendOne = (said: string, body: Body) => {
    const back = (known: Body | null) => {
      const kept = putBack(at, said, known);
      if (shown.current === place) setText(kept);
    };
    setSending((n) => n + 1);
    const arrived = begin({ chatId: card.chat_id, mode, text: said, since: card.seq });
    queue.current = queue.current
      .then(() => {
        // One before it came back: it waits behind it, so that both arrive in order.
        if (loadReturned(at).length) {
          arrived(false);
          back(body);
          return;
        }
        return submit(card, body).then(() => arrived(true));
      })
      .catch((error: unknown) => {
        arrived(false);
        showRefusal(error);
        back(isLost(error) ? body : null);
      })
      .finally(() => setSending((n) => n - 1));
  };

  const words = {
    reply: ["chat.reply", "chat.send", null],
    whisper: ["chat.whisper", "chat.sendWhisper", "chat.whisperHint"],
    note: ["chat.note", "chat.sendNote", "chat.noteHint"],
  } as const;
  const [label, button, hint] = words[mode];
  const open = within || menu || !!text;
  return (
    <form
      className={classes["composer"]}
      data-mode={mode}
      data-open={open || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onFocus={onFocus}
      onBlur={onBlur}
      // A press on what stands around the field takes no focus from it: the composer would fold under the pointer.
      onMouseDown={(event) => event.target instanceof HTMLTextAreaElement || event.preventDefault()}
    >
      {open && <Divider of="field" label={say("layout.field")} sized={props.field} />}
      <div className={classes["modes"]}>
        {speaking ? (
          <SegmentedControl
            size="xs"
            aria-label={say(label)}
            value={mode}
            onChange={(value) => {
              props.onNoteOpen(value === "note");
              props.field.current?.focus();
            }}
            data={[
              { value: speaking, label: say(words[speaking][0]) },
              { value: "note", label: say("chat.note") },
            ]}
          />
        ) : (
          <Text size="sm" fw={500}>
            {say("chat.note")}
          </Text>
        )}
        {hint && (
          <Text size="xs" id={hintId} className={classes["hint"] ?? ""}>
            {say(hint)}
          </Text>
        )}
        {mode === "reply" && (
          <CannedMenu
            language={card.language}
            onOpen={setMenu}
            onPick={(canned) => {
              template.current = canned.reply_id;
              const filled = filledFor(canned.text, card.customer_name ?? "", props.myName);
              write(text ? `${text}\n${filled}` : filled);
              props.field.current?.focus();
            }}
          />
        )}
      </div>
      <div className={classes["writing"]}>
        <Textarea
          ref={props.field}
          aria-label={say(label)}
          {...(hint ? { "aria-describedby": hintId } : {})}
          placeholder={say(label)}
          classNames={{ root: classes["field"] ?? "", input: classes["fieldInput"] ?? "" }}
          autosize
          minRows={open ? 2 : 1}
          maxRows={8}
          value={text}
          error={warned !== null && warned === text.trim() ? say("chat.unfilled", { gap: GAP.exec(warned)?.[0] ?? "" }) : null}
          onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              send();
            } else if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
        <Button
          type="submit"
          size="sm"
          loading={sending > 0 && !text}
          disabled={!text.trim()}
          color={mode === "reply" ? "step" : mode === "whisper" ? "hush" : "alert"}
        >
          {say(button)}
        </Button>
      </div>
    </form>
  );
}

/** A canned reply with both names in it; where the customer has none, its place closes up. */
function filledFor(text: string, customer: string, worker: string): string {
  const named = customer ? text.replaceAll("{customer}", customer) : text.replace(/ ?\{customer\}/g, "");
  return named.replaceAll("{worker}", worker);
}

function CannedMenu(props: { language: string; onOpen: (open: boolean) => void; onPick: (reply: Reply) => void }) {
  const { say } = useWords();
  const known = useReplies();
  const all = known.data?.replies ?? [];
  const own = all.filter((r) => props.language.startsWith(r.language ?? "en"));
  const fitting = own.length ? own : all;
  if (!fitting.length) return null;
  return (
    <Menu position="top-end" withinPortal onChange={props.onOpen}>
      <Menu.Target>
        <Button size="compact-sm" variant="default">
          {say("chat.canned")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
        {fitting.map((reply) => (
          <Menu.Item key={reply.reply_id} onClick={() => props.onPick(reply)}>
            <Text size="sm" fw={500}>
              {reply.title}
            </Text>
            <Text size="xs" lineClamp={1} maw={360}>
              {reply.text}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
