import { Button, Center, Loader, Text } from "@mantine/core";
import { memo, type RefObject, useEffect, useMemo, useRef, useState } from "react";

import type { ChatCard } from "../api/types";
import { inDanger, owesWords } from "../floor/sections";
import { useWords } from "../i18n";
import { useKeys } from "../keys/useKeys";
import { useLive } from "../live/context";
import { useWorkers } from "../live/useWorkers";
import { workerName } from "../parts/names";
import { showRefusal } from "../parts/notify";
import { ApprovalCard, type ApprovalHandle } from "./ApprovalCard";
import { askedFor, writtenSince } from "./approval";
import { CaseLine, CautionLine, hasWords, Nudge, nudgeOf, type Shown, type Suggestion } from "./Brief";
import { ChatHead } from "./ChatHead";
import { ChatLog, type Reveal } from "./ChatLog";
import { Composer } from "./Composer";
import { cautionOf } from "./caution";
import classes from "./chat.module.css";
import { command, type Wish } from "./commands";
import { CloseDialog, HandBackDialog, NoDangerDialog, TransferDialog } from "./Dialogs";
import { HandingBack, useHandBack } from "./HandingBack";
import { UnderWay } from "./UnderWay";
import { useEntries } from "./useEntries";
import { AlreadyDone, alerts, Why } from "./Why";

interface PanelProps {
  card: ChatCard;
  /** Whether the chat has left the worker's floor: it can still be read, and nothing else. */
  gone: boolean;
  me: string;
  supervision: boolean;
  brief: Shown | undefined;
  /** Whether a brief is on its way: its line is kept free. */
  briefAwaited: boolean;
  /** Whether the brief stands in a column of its own; else one line of it stands here. */
  briefBeside: boolean;
  noteOpen: boolean;
  onNoteOpen: (open: boolean) => void;
  /** Filled in here, for what stands beside: bring an event into view, insert a suggestion. */
  reveal: RefObject<Reveal | null>;
  insert: RefObject<((one: Suggestion) => void) | null>;
  onBack: () => void;
  onAbout: () => void;
  onBrief: () => void;
}

type Dialog = "hand_back" | "close" | "transfer" | "no_danger" | null;

/** The open chat. It renders again when something of it changes, not when other chats do. */
export const ChatPanel = memo(function ChatPanel(props: PanelProps) {
  const { card, me, gone, supervision, brief, noteOpen, onNoteOpen: setNoteOpen, reveal, insert } = props;
  const { say } = useWords();
  const workers = useWorkers();
  const written = useLive((s) => s.drafts[card.chat_id]);
  const typing = useLive((s) => !!s.typing[card.chat_id]);
  const draft = card.ai_working && written?.epoch === card.epoch ? written : undefined;
  const { entries, loading, error, retry } = useEntries(card.chat_id);
  const [dialog, setDialog] = useState<Dialog>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const approval = useRef<ApprovalHandle | null>(null);
  const suggested = useRef(0);
  const closed = useMemo(() => gone && entries.some((e) => e.kind === "ChatClosed"), [gone, entries]);
  const mine = card.holder.kind === "worker" && card.holder.id === me;
  const alert = card.escalation;
  const live = alerts(card);
  const caution = mine && !gone ? cautionOf(entries, me) : undefined;
  const waiting = card.actions.filter((a) => a.state === "proposed" && a.needs_approval);

  useEffect(() => {
    setDialog(null);
    suggested.current = 0;
  }, [card.chat_id]);

  const suggest = () => {
    const all = brief?.suggestions ?? [];
    const one = all[suggested.current % all.length];
    if (!one || !insert.current) return;
    suggested.current += 1;
    insert.current(one);
  };

  const danger = inDanger(card) || owesWords(card);
  const open = card.episode === "queued" || card.episode === "active";
  const run = (wish: Wish) => command(card, wish).catch(showRefusal);
  const takeOver = async () => {
    if (mine || !open) return;
    try {
      await command(card, { type: "TakeOver" });
    } catch (error) {
      // The field is no place to go to now: what is written there would be no reply.
      showRefusal(error);
      return;
    }
    setNoteOpen(false);
    field.current?.focus();
  };
  const decline = () => (danger ? setDialog("no_danger") : void run({ type: "DeclineEscalation" }));
  const handing = useHandBack((of, note) => void command(of, { type: "HandBack", note }).catch(showRefusal));
  const handsBackAt = mine ? handing.until[card.chat_id] : undefined;
  const undo = () => {
    if (handsBackAt === undefined) return;
    handing.undo(card.chat_id);
    field.current?.focus();
  };
  const seen = () => void run({ type: "AcknowledgeAlert" });
  const end = () => {
    if (card.episode === "wrap_up" && card.disposition) void run({ type: "EndWrapUp" });
    else setDialog("close");
  };
  /** Show an action that waits, wherever the log stands; then do with it what is asked. */
  const atApproval = (what: "approve" | "deny") => {
    if (approval.current) approval.current[what]();
    else if (waiting[0]) reveal.current?.(waiting[0].seq);
  };
  useKeys(
    gone
      ? {}
      : {
          takeOver: () => void takeOver(),
          handBack: () => mine && supervision && card.eligible && card.episode === "active" && setDialog("hand_back"),
          undo,
          transfer: () => mine && card.episode === "active" && setDialog("transfer"),
          close: () => (mine || card.holder.kind === "ai") && end(),
          reply: () => field.current?.focus(),
          whisper: () => field.current?.focus(),
          note: () => {
            setNoteOpen(true);
            window.setTimeout(() => field.current?.focus());
          },
          suggest,
          approve: () => atApproval("approve"),
          deny: () => atApproval("deny"),
          acknowledge: () => live && alert?.state !== "acknowledged" && seen(),
        },
  );

  const holder =
    card.holder.kind === "ai"
      ? say("chat.ai")
      : card.holder.kind === "worker"
        ? mine
          ? say("chat.you")
          : workerName(workers, card.holder.id ?? "")
        : say("chat.nobody");
  const proposerOf = (actor: string) => {
    const [kind, id = ""] = actor.split(":", 2);
    return kind === "ai" ? say("chat.ai") : id === me ? say("chat.you") : workerName(workers, id);
  };
  const close = () => setDialog(null);
  const asked = new Map(
    (gone ? [] : waiting).map((action, i) => [
      action.action_id,
      <ApprovalCard
        key={action.action_id}
        card={card}
        action={action}
        role={workers[me]?.role ?? "worker"}
        proposer={proposerOf(action.proposer)}
        wrote={writtenSince(entries, action)}
        asked={askedFor(entries, action)}
        {...(i === 0 ? { bind: (handle: ApprovalHandle | null) => (approval.current = handle) } : {})}
      />,
    ]),
  );
  const jump = asked.size > 0 && (
    <button type="button" className={classes["jump"]} onClick={() => waiting[0] && reveal.current?.(waiting[0].seq)}>
      <span aria-hidden>$</span> {say("action.waiting", { n: asked.size })}
    </button>
  );
  return (
    <>
      <ChatHead
        card={card}
        gone={gone}
        closed={closed}
        mine={mine}
        holder={holder}
        supervision={supervision}
        onBack={props.onBack}
        onAbout={props.onAbout}
        onTakeOver={() => void takeOver()}
        onAsk={setDialog}
        onEnd={end}
      />
      <div className={classes["bands"]}>
        {!gone && (live || danger) && (
          <Why card={card} entries={entries} onSeen={seen} onDecline={decline}>
            {jump}
          </Why>
        )}
        {caution && <CautionLine caution={caution} onInsert={(one) => insert.current?.(one)} />}
        {(hasWords(brief) || props.briefAwaited) && !props.briefBeside && <CaseLine shown={brief} onOpen={props.onBrief} />}
        {!live && !danger && jump}
        <AlreadyDone card={card} mine={mine} entries={entries} />
      </div>
      {loading || (error && !entries.length) ? (
        <Center flex={1} p="md">
          {loading ? (
            <Loader aria-label={say("app.loading")} />
          ) : (
            <div role="alert">
              <Text size="sm" mb="xs">
                {error?.message}
              </Text>
              <Button variant="default" onClick={() => void retry()}>
                {say("app.retry")}
              </Button>
            </div>
          )}
        </Center>
      ) : (
        <ChatLog
          chatId={card.chat_id}
          entries={entries}
          draft={draft}
          typing={typing}
          me={me}
          workers={workers}
          asked={asked}
          reveal={reveal}
        >
          <UnderWay chatId={card.chat_id} entries={entries} me={me} />
          {!gone && <Nudge entry={nudgeOf(entries, me)} />}
        </ChatLog>
      )}
      {handsBackAt !== undefined && <HandingBack until={handsBackAt} onUndo={undo} />}
      {gone ? (
        <p className={classes["gone"]}>{closed ? say("chat.closed") : say("chat.goneText")}</p>
      ) : (
        <Composer
          card={card}
          me={me}
          myName={workerName(workers, me)}
          field={field}
          noteOpen={noteOpen}
          onNoteOpen={setNoteOpen}
          insert={insert}
        />
      )}
      <HandBackDialog key={`h${card.chat_id}`} open={dialog === "hand_back"} onClose={close} onGo={(note) => handing.start(card, note)} />
      <CloseDialog
        key={`c${card.chat_id}`}
        open={dialog === "close"}
        wrapUp={card.episode === "wrap_up"}
        before={card.disposition}
        onClose={close}
        onGo={(disposition) =>
          card.episode === "wrap_up" ? run({ type: "EndWrapUp", disposition }) : run({ type: "CloseChat", reason: "resolved", disposition })
        }
      />
      <NoDangerDialog
        key={`d${card.chat_id}`}
        open={dialog === "no_danger"}
        onClose={close}
        onGo={(reason) => run({ type: "DeclineEscalation", reason })}
      />
      <TransferDialog
        key={`t${card.chat_id}`}
        open={dialog === "transfer"}
        me={me}
        onClose={close}
        onGo={(to) => run({ type: "Transfer", ...to })}
      />
    </>
  );
});
