import { Button, Center, Loader, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo, useEffect, useMemo, useRef, useState } from "react";

import { desk, told } from "../api/client";
import type { ChatCard, Entry } from "../api/types";
import { useWords } from "../i18n";
import { useKeys } from "../keys/useKeys";
import { useInView, useLive } from "../live/context";
import { mergeEntries } from "../live/reduce";
import { useWorkers } from "../live/useWorkers";
import { workerName } from "../parts/names";
import { showRefusal } from "../parts/notify";
import { ApprovalCard, type ApprovalHandle } from "./ApprovalCard";
import { Brief, Nudge, nudgeOf, type Suggestion, useBrief } from "./Brief";
import { ChatHead } from "./ChatHead";
import classes from "./chat.module.css";
import { ChatLog, type Reveal } from "./ChatLog";
import { Composer } from "./Composer";
import { command, type Wish } from "./commands";
import { CloseDialog, HandBackDialog, TransferDialog } from "./Dialogs";
import { HandingBack, useHandBack } from "./HandingBack";
import { AlreadyDone, Why } from "./Why";

const NONE: readonly Entry[] = [];
/** For how long a chat that is no longer looked at is remembered. */
const KEPT_MS = 60_000;

/** A chat's entries: those that the server had, and those that have come since. */
export function useEntries(chatId: string) {
  useInView(chatId);
  const live = useLive((s) => s.entries[chatId] ?? NONE);
  const view = useQuery({
    queryKey: ["chat", chatId],
    queryFn: () => told(desk.GET("/api/chats/{chat_id}", { params: { path: { chat_id: chatId } } })),
    refetchOnWindowFocus: false,
    gcTime: KEPT_MS,
  });
  const { refetch } = view;
  const snapshots = useLive((s) => s.snapshots);
  const read = useRef(snapshots);
  useEffect(() => {
    if (read.current !== snapshots) void refetch();
    read.current = snapshots;
  }, [snapshots, refetch]);
  const entries = useMemo(() => mergeEntries(view.data?.entries ?? NONE, live), [view.data, live]);
  return { entries, card: view.data?.card, loading: view.isPending, error: view.error, retry: refetch };
}

interface PanelProps {
  card: ChatCard;
  /** Whether the chat has left the worker's floor: it can still be read, and nothing else. */
  gone: boolean;
  me: string;
  supervision: boolean;
  onBack: () => void;
  onAbout: () => void;
}

type Dialog = "hand_back" | "close" | "transfer" | null;

/** The open chat. It renders again when something of it changes, not when other chats do. */
export const ChatPanel = memo(function ChatPanel(props: PanelProps) {
  const { card, me, gone, supervision } = props;
  const { say } = useWords();
  const workers = useWorkers();
  const written = useLive((s) => s.drafts[card.chat_id]);
  const typing = useLive((s) => !!s.typing[card.chat_id]);
  const draft = written?.epoch === card.epoch ? written : undefined;
  const { entries, loading, error, retry } = useEntries(card.chat_id);
  const [dialog, setDialog] = useState<Dialog>(null);
  const [noteOpen, setNoteOpen] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const approval = useRef<ApprovalHandle | null>(null);
  const reveal = useRef<Reveal | null>(null);
  const insert = useRef<((one: Suggestion) => void) | null>(null);
  const brief = useBrief(card, me, gone);
  const suggested = useRef(0);
  const closed = useMemo(() => gone && entries.some((e) => e.kind === "ChatClosed"), [gone, entries]);
  const mine = card.holder.kind === "worker" && card.holder.id === me;
  const alert = card.escalation;
  const live = !!alert && ["raised", "alerted", "acknowledged"].includes(alert.state);
  const waiting = card.actions.filter((a) => a.state === "proposed" && a.needs_approval);

  useEffect(() => {
    setNoteOpen(false);
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

  const run = (wish: Wish) => command(card, wish).catch(showRefusal);
  const takeOver = async () => {
    if (mine || card.episode === "wrap_up") return;
    await run({ type: "TakeOver" });
    setNoteOpen(false);
    field.current?.focus();
  };
  const handing = useHandBack((of, note) => void command(of, { type: "HandBack", note }).catch(showRefusal));
  const handsBackAt = mine ? handing.until[card.chat_id] : undefined;
  const undo = () => {
    if (handsBackAt === undefined) return;
    handing.undo(card.chat_id);
    field.current?.focus();
  };
  const seen = () => void run({ type: "AcknowledgeAlert" });
  useKeys(
    gone
      ? {}
      : {
          takeOver: () => void takeOver(),
          handBack: () => mine && supervision && card.eligible && card.episode === "active" && setDialog("hand_back"),
          undo,
          transfer: () => mine && card.episode === "active" && setDialog("transfer"),
          close: () => (mine || card.holder.kind === "ai") && setDialog("close"),
          reply: () => field.current?.focus(),
          whisper: () => field.current?.focus(),
          note: () => {
            setNoteOpen(true);
            window.setTimeout(() => field.current?.focus());
          },
          suggest,
          approve: () => approval.current?.approve(),
          deny: () => approval.current?.deny(),
          acknowledge: () => live && alert.state !== "acknowledged" && seen(),
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
      />
      {!gone && live && <Why card={card} entries={entries} onSeen={seen} onDecline={() => void run({ type: "DeclineEscalation" })} />}
      {!gone &&
        waiting.map((action, i) => (
          <ApprovalCard
            key={action.action_id}
            card={card}
            action={action}
            role={workers[me]?.role ?? "worker"}
            proposer={proposerOf(action.proposer)}
            {...(i === 0 ? { bind: (handle: ApprovalHandle | null) => (approval.current = handle) } : {})}
          />
        ))}
      {brief && (
        <Brief
          shown={brief}
          canReply={mine && card.episode === "active" && !noteOpen}
          onInsert={(one) => insert.current?.(one)}
          onCite={(seq) => reveal.current?.(seq)}
        />
      )}
      <AlreadyDone card={card} mine={mine} entries={entries} />
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
        <ChatLog chatId={card.chat_id} entries={entries} draft={draft} typing={typing} me={me} workers={workers} reveal={reveal} />
      )}
      {handsBackAt !== undefined && <HandingBack until={handsBackAt} onUndo={undo} />}
      {!gone && <Nudge entry={nudgeOf(entries, me)} />}
      {gone ? (
        <p className={classes["gone"]}>{closed ? say("chat.closed") : say("chat.goneText")}</p>
      ) : (
        <Composer card={card} me={me} myName={workerName(workers, me)} field={field} noteOpen={noteOpen} onNoteOpen={setNoteOpen} insert={insert} />
      )}
      <HandBackDialog key={`h${card.chat_id}`} open={dialog === "hand_back"} onClose={close} onGo={(note) => handing.start(card, note)} />
      <CloseDialog
        key={`c${card.chat_id}`}
        open={dialog === "close"}
        wrapUp={card.episode === "wrap_up"}
        before={card.disposition}
        onClose={close}
        onGo={(disposition) =>
          card.episode === "wrap_up"
            ? run({ type: "EndWrapUp", disposition })
            : run({ type: "CloseChat", reason: "resolved", disposition })
        }
      />
      <TransferDialog key={`t${card.chat_id}`} open={dialog === "transfer"} me={me} onClose={close} onGo={(to) => run({ type: "Transfer", ...to })} />
    </>
  );
});
