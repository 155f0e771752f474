import { Button, SegmentedControl, Text, Textarea } from "@mantine/core";
import { type RefObject, useEffect, useId, useRef, useState } from "react";

import { desk } from "../api/client";
import { useReplies } from "../api/queries";
import type { ChatCard } from "../api/types";
import { report } from "../attention/report";
import { useWords } from "../i18n";
import { Divider } from "../parts/Divider";
import { showRefusal } from "../parts/notify";
import { usePreferences } from "../settings/preferences";
import type { Suggestion } from "./Brief";
import { CannedMenu, MacroLine, ShortCodes } from "./Canned";
import { filledFor, fitting, isMacro, meantBy, type Reply, shortCode } from "./canned";
import { type Body, bodyOf, submit, type Wish } from "./commands";
import classes from "./composer.module.css";
import { behind, draftOf, loadDraft, loadReturned, type Mode, type Place, putBack, saveDraft, unchanged } from "./drafts";
import { onKeptElsewhere } from "./kept";
import { carryOut } from "./macro";
import { begin } from "./pending";
import { isLost } from "./unanswered";
import { useFocusWithin } from "./useFocusWithin";

/** How many replies a short code offers at once. */
const MOST_MEANT = 6;
const TYPING_MS = 3_000;
const NAMES = { whisper: "Whisper", note: "AddNote" } as const;
/** A place in a canned reply that nobody has filled. */
const GAP = /\{[a-z_.]{1,40}\}/i;

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
  const open = card.episode === "queued" || card.episode === "active";
  const speaking: Mode | null = !open ? null : card.holder.kind === "ai" ? "whisper" : card.holder.id === me ? "reply" : null;
  const lost = useLostReply(card, me, speaking);
  const mode: Mode = props.noteOpen ? "note" : (speaking ?? (lost ? "reply" : "note"));
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
  const [canned, setCanned] = useState<Reply | null>(null);
  const suggestion = useRef<Suggestion | null>(null);

  const told = useRef(-TYPING_MS);
  const [warned, setWarned] = useState<string | null>(null);

  useEffect(() => {
    setText(loadDraft(at));
    started.current = false;
    setCanned(null);
    suggestion.current = null;
    return () => {
      if (started.current) tell("DraftAbandoned", at.chatId, mode, loadDraft(at).length);
      started.current = false;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [card.chat_id, mode]);

  // What another tab of this worker has written or sent: one person writes in one tab at a time.
  useEffect(
    () =>
      onKeptElsewhere((name) => {
        if (name === draftOf(at)) setText(loadDraft(at));
      }),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [card.chat_id, mode],
  );

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
    if (!value) {
      suggestion.current = null;
      setCanned(null);
    }
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
      ...(canned ? { template: canned.reply_id } : {}),
      ...(from ? { suggestion_id: from.suggestion_id, suggestion_edited: said !== from.text.trim() } : {}),
    };
  };

  // The field is free at once; what isn't known to have arrived comes back to where it was written.
  const send = () => {
    const said = text.trim();
    if (!said || (lost && mode === "reply")) return;
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
    const macro = mode === "reply" && canned && isMacro(canned) ? canned : null;
    setCanned(null);
    suggestion.current = null;
    props.field.current?.focus();
    if (mode === "note" && speaking) props.onNoteOpen(false);
    all.forEach((one, i) => {
      sendOne(one.text, one.body, i === all.length - 1 ? macro : null);
    });
  };

  const sendOne = (said: string, body: Body, macro: Reply | null) => {
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
        return submit(card, body).then((accepted) => {
          arrived(true);
          // What was said stands, whatever becomes of the rest.
          if (macro) void carryOut(card, macro, accepted.seq).catch(showRefusal);
        });
      })
      .catch((error: unknown) => {
        arrived(false);
        showRefusal(error);
        back(isLost(error) ? body : null);
      })
      .finally(() => setSending((n) => n - 1));
  };

  const pick = (one: Reply, before: string) => {
    const filled = filledFor(one.text, card.customer_name ?? "", props.myName);
    write(before ? `${before}\n${filled}` : filled);
    setCanned(one);
    props.field.current?.focus();
  };
  const replies = fitting(useReplies().data?.replies ?? [], card.language);
  const code = mode === "reply" ? shortCode(text) : null;
  const meant = code === null ? [] : meantBy(code, replies).slice(0, MOST_MEANT);
  const [chosen, setChosen] = useState(0);
  useEffect(() => setChosen(0), [code]);
  const listId = useId();

  const words = {
    reply: ["chat.reply", "chat.send", null],
    whisper: ["chat.whisper", "chat.sendWhisper", "chat.whisperHint"],
    note: ["chat.note", "chat.sendNote", "chat.noteHint"],
  } as const;
  const [label, button, hint] = words[mode];
  const unfolded = within || menu || !!text;
  const choices = speaking ?? (lost ? "reply" : null);
  const unsent = lost && mode === "reply" && text ? say(open ? "chat.lostReply" : "chat.lateReply") : null;
  return (
    <form
      className={classes["composer"]}
      data-mode={mode}
      data-open={unfolded || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onFocus={onFocus}
      onBlur={onBlur}
      // A press on what stands around the field takes no focus from it: the composer would fold under the pointer.
      onMouseDown={(event) => event.target instanceof HTMLTextAreaElement || event.preventDefault()}
    >
      {unfolded && <Divider of="field" label={say("layout.field")} sized={props.field} />}
      <div className={classes["modes"]}>
        {choices ? (
          <SegmentedControl
            size="xs"
            aria-label={say(label)}
            value={mode}
            onChange={(value) => {
              props.onNoteOpen(value === "note");
              props.field.current?.focus();
            }}
            data={[
              { value: choices, label: say(words[choices][0]) },
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
            replies={replies}
            onOpen={setMenu}
            onPick={(canned) => {
              pick(canned, text);
            }}
          />
        )}
      </div>
      {meant.length > 0 && <ShortCodes id={listId} meant={meant} chosen={chosen} onPick={(one) => pick(one, "")} />}
      {mode === "reply" && canned && isMacro(canned) && <MacroLine macro={canned} onDrop={() => setCanned(null)} />}
      <div className={classes["writing"]}>
        <Textarea
          ref={props.field}
          aria-label={say(label)}
          {...(hint ? { "aria-describedby": hintId } : {})}
          placeholder={say(label)}
          classNames={{ root: classes["field"] ?? "", input: classes["fieldInput"] ?? "" }}
          autosize
          minRows={unfolded ? 2 : 1}
          maxRows={8}
          value={text}
          error={unsent ?? (warned !== null && warned === text.trim() ? say("chat.unfilled", { gap: GAP.exec(warned)?.[0] ?? "" }) : null)}
          onChange={(event) => write(event.currentTarget.value)}
          {...(meant.length ? { "aria-controls": listId, "aria-activedescendant": `${listId}-${chosen}` } : {})}
          onKeyDown={(event) => {
            if (meant.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
              event.preventDefault();
              setChosen((n) => (n + (event.key === "ArrowDown" ? 1 : meant.length - 1)) % meant.length);
            } else if (meant[chosen] && (event.key === "Enter" || event.key === "Tab") && !event.nativeEvent.isComposing) {
              event.preventDefault();
              pick(meant[chosen], "");
            } else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              send();
            } else if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
        <Button
          type="submit"
          size="sm"
          loading={sending > 0 && !text}
          disabled={!text.trim() || unsent !== null}
          color={mode === "reply" ? "step" : mode === "whisper" ? "hush" : "alert"}
        >
          {say(button)}
        </Button>
      </div>
    </form>
  );
}

/**
 * Whether what stands in the field is a reply that can't be sent: the worker held the chat while it
 * was on the screen, or left a reply unsent, and holds it no more. It stays a reply, with the reason.
 */
function useLostReply(card: ChatCard, me: string, speaking: Mode | null): boolean {
  const held = useRef({ chatId: card.chat_id, reply: false });
  if (held.current.chatId !== card.chat_id || speaking === "whisper") held.current = { chatId: card.chat_id, reply: false };
  if (speaking === "reply") held.current.reply = true;
  if (speaking) return false;
  const open = card.episode === "queued" || card.episode === "active";
  return (open && held.current.reply) || !!loadDraft({ worker: me, chatId: card.chat_id, mode: "reply" });
}
