import { ActionIcon, Badge, Button, Group, Modal, Select, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import { get } from "../api/http";
import { useColleagues, useReplies } from "../api/queries";
import type { ChatCard, ChatView, Entry, WorkerCard } from "../api/types";
import { VOICE } from "../app/theme";
import { useWords } from "../i18n";
import { useKeys } from "../keys/useKeys";
import { useLive } from "../live/context";
import { mergeEntries } from "../live/reduce";
import { customerWords } from "../parts/names";
import { showRefusal } from "../parts/notify";
import { Elapsed } from "../parts/time";
import { ApprovalCard, type ApprovalHandle, Kbd } from "./ApprovalCard";
import classes from "./chat.module.css";
import { ChatLog } from "./ChatLog";
import { Composer } from "./Composer";
import { command } from "./commands";

const NONE: readonly Entry[] = [];

/** A chat's entries: those that the server had, and those that have come since. */
export function useEntries(chatId: string): readonly Entry[] {
  const live = useLive((s) => s.entries[chatId] ?? NONE);
  const view = useQuery({
    queryKey: ["chat", chatId],
    queryFn: () => get<ChatView>(`/api/chats/${encodeURIComponent(chatId)}`),
    refetchOnWindowFocus: false,
  });
  const { refetch } = view;
  const snapshots = useLive((s) => s.snapshots);
  const read = useRef(snapshots);
  useEffect(() => {
    if (read.current !== snapshots) void refetch();
    read.current = snapshots;
  }, [snapshots, refetch]);
  return useMemo(() => mergeEntries(view.data?.entries ?? NONE, live), [view.data, live]);
}

interface PanelProps {
  card: ChatCard;
  /** Whether the chat has left the worker's floor: it can still be read, and nothing else. */
  gone: boolean;
  me: string;
  onBack: () => void;
}

type Dialog = "hand_back" | "close" | "transfer" | null;

export function ChatPanel(props: PanelProps) {
  const { card, me, gone } = props;
  const { say } = useWords();
  const workers = useLive((s) => s.floor.workers);
  const written = useLive((s) => s.drafts[card.chat_id]);
  const draft = written?.epoch === card.epoch ? written : undefined;
  const entries = useEntries(card.chat_id);
  const [dialog, setDialog] = useState<Dialog>(null);
  const [noteOpen, setNoteOpen] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const approval = useRef<ApprovalHandle | null>(null);
  const mine = card.holder.kind === "worker" && card.holder.id === me;
  const alert = card.escalation;
  const live = !!alert && ["raised", "alerted", "acknowledged"].includes(alert.state);
  const waiting = card.actions.filter((a) => a.state === "proposed" && a.needs_approval);
  const sent = card.actions.filter((a) => a.state === "executing" || a.state === "unknown");

  useEffect(() => {
    setNoteOpen(false);
    setDialog(null);
  }, [card.chat_id]);

  const run = (name: Parameters<typeof command>[1], body?: Record<string, unknown>) =>
    command(card, name, body).catch(showRefusal);
  const takeOver = async () => {
    if (mine || card.episode === "wrap_up") return;
    await run("TakeOver");
    setNoteOpen(false);
    field.current?.focus();
  };
  useKeys(gone ? {} : {
    takeOver: () => void takeOver(),
    handBack: () => mine && setDialog("hand_back"),
    close: () => (mine || card.holder.kind === "ai") && setDialog("close"),
    reply: () => field.current?.focus(),
    whisper: () => field.current?.focus(),
    note: () => {
      setNoteOpen(true);
      window.setTimeout(() => field.current?.focus());
    },
    approve: () => approval.current?.approve(),
    deny: () => approval.current?.deny(),
    acknowledge: () => live && void run("AcknowledgeAlert"),
  });

  const holder =
    card.holder.kind === "ai"
      ? say("chat.ai")
      : card.holder.kind === "worker"
        ? mine
          ? say("chat.you")
          : nameOf(workers, card.holder.id)
        : say("chat.nobody");
  return (
    <>
      <header className={classes["head"]}>
        <Group justify="space-between" gap="xs">
          <Group gap={10} miw={0}>
            <ActionIcon variant="subtle" hiddenFrom="sm" onClick={props.onBack} aria-label={say("chat.back")}>
              ‹
            </ActionIcon>
            <Text component="h1" fw={700} size="lg" m={0} truncate>
              {customerWords(card, say)}
            </Text>
            {card.issue_class && <Text size="sm">{card.issue_class}</Text>}
            <Badge
              variant="filled"
              color={gone ? "gray.7" : card.holder.kind === "ai" ? VOICE.ai : card.holder.kind === "worker" ? "step" : "gray.7"}
              data-testid="holder"
            >
              {gone ? say("chat.gone") : say("chat.heldBy", { who: holder })}
            </Badge>
            <Text size="sm">
              <Elapsed sinceUs={card.opened_us} />
            </Text>
          </Group>
          {!gone && <Group gap={6}>
            {!mine && card.episode !== "wrap_up" && (
              <Button size="compact-md" onClick={() => void takeOver()} aria-keyshortcuts="t">
                {say("chat.takeOver")} <Kbd>T</Kbd>
              </Button>
            )}
            {mine && card.eligible && card.episode === "active" && (
              <Button size="compact-md" variant="default" onClick={() => setDialog("hand_back")} aria-keyshortcuts="h">
                {say("chat.handBack")} <Kbd>H</Kbd>
              </Button>
            )}
            {mine && card.episode === "active" && (
              <Button size="compact-md" variant="default" onClick={() => setDialog("transfer")}>
                {say("chat.transfer")}
              </Button>
            )}
            {(mine || card.holder.kind === "ai") && (
              <Button size="compact-md" variant="default" onClick={() => setDialog("close")} aria-keyshortcuts="e">
                {say(card.episode === "wrap_up" ? "chat.endWrapUp" : "chat.close")} <Kbd>E</Kbd>
              </Button>
            )}
          </Group>}
        </Group>
      </header>
      {!gone && live && (
        <section className={classes["why"]} aria-label={say("chat.why")}>
          <Group justify="space-between" gap="xs">
            <div>
              <Text size="sm" fw={700}>
                {say(`cause.${alert.cause}`)} · <Elapsed sinceUs={alert.raised_us} />
              </Text>
              {alert.reason && <Text size="sm">{alert.reason}</Text>}
            </div>
            <Group gap={6}>
              {alert.state !== "acknowledged" && (
                <Button size="compact-sm" variant="default" onClick={() => void run("AcknowledgeAlert")} aria-keyshortcuts="a">
                  {say("chat.acknowledge")} <Kbd>A</Kbd>
                </Button>
              )}
              {card.holder.kind === "ai" && (
                <Button size="compact-sm" variant="default" onClick={() => void run("DeclineEscalation")}>
                  {say("chat.decline")}
                </Button>
              )}
            </Group>
          </Group>
        </section>
      )}
      {!gone && waiting.map((action, i) => (
        <ApprovalCard
          key={action.action_id}
          card={card}
          action={action}
          {...(i === 0 ? { bind: (handle: ApprovalHandle | null) => (approval.current = handle) } : {})}
        />
      ))}
      {sent.map((action) => (
        <section key={action.action_id} className={classes["why"]} role="status">
          <Text size="sm">
            <b>{say("chat.inFlight")}</b>: {action.tool.replaceAll("_", " ")}
          </Text>
        </section>
      ))}
      <ChatLog chatId={card.chat_id} entries={entries} draft={draft} me={me} workers={workers} />
      {gone ? <p className={classes["gone"]}>{say("chat.goneText")}</p> : <Composer card={card} me={me} myName={nameOf(workers, me)} field={field} noteOpen={noteOpen} onNoteOpen={setNoteOpen} />}
      <HandBackDialog open={dialog === "hand_back"} onClose={() => setDialog(null)} onGo={(note) => run("HandBack", { note })} />
      <CloseDialog
        open={dialog === "close"}
        onClose={() => setDialog(null)}
        onGo={(disposition) =>
          card.episode === "wrap_up"
            ? run("EndWrapUp", { disposition })
            : run("CloseChat", { reason: "resolved", disposition })
        }
      />
      <TransferDialog open={dialog === "transfer"} me={me} onClose={() => setDialog(null)} onGo={(body) => run("Transfer", body)} />
    </>
  );
}

function nameOf(workers: Readonly<Record<string, WorkerCard>>, id: string | undefined): string {
  return workers[id ?? ""]?.name ?? id ?? "";
}

function Ask(props: { open: boolean; title: string; go: string; ready: boolean; onClose: () => void; onGo: () => unknown; children: ReactNode }) {
  const { say } = useWords();
  return (
    <Modal closeButtonProps={{ "aria-label": say("app.close") }} opened={props.open} onClose={props.onClose} title={props.title} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!props.ready) return;
          props.onGo();
          props.onClose();
        }}
      >
        {props.children}
        <Group justify="flex-end" mt="md">
          <Button type="submit" disabled={!props.ready}>
            {props.go}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function HandBackDialog(props: { open: boolean; onClose: () => void; onGo: (note: string) => unknown }) {
  const { say } = useWords();
  const [note, setNote] = useState("");
  return (
    <Ask open={props.open} title={say("chat.handBack")} go={say("chat.handBack")} ready={!!note.trim()} onClose={props.onClose} onGo={() => props.onGo(note)}>
      <Textarea
        data-autofocus
        label={say("chat.handBackNote")}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        onKeyDown={submitOnEnter}
        autosize
        minRows={2}
      />
    </Ask>
  );
}

function CloseDialog(props: { open: boolean; onClose: () => void; onGo: (disposition: string) => unknown }) {
  const { say } = useWords();
  const replies = useReplies();
  const dispositions = replies.data?.dispositions.length ? replies.data.dispositions : ["resolved"];
  const [chosen, setHow] = useState<string | null>(null);
  const how = chosen ?? dispositions[0] ?? null;
  return (
    <Ask open={props.open} title={say("chat.close")} go={say("chat.close")} ready={!!how} onClose={props.onClose} onGo={() => props.onGo(how ?? "")}>
      <Select
        data-autofocus
        label={say("chat.disposition")}
        data={dispositions}
        value={how}
        onChange={setHow}
      />
    </Ask>
  );
}

function TransferDialog(props: {
  open: boolean;
  me: string;
  onClose: () => void;
  onGo: (body: Record<string, unknown>) => unknown;
}) {
  const { say } = useWords();
  const colleagues = useColleagues(props.open);
  const [to, setTo] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const present = (colleagues.data ?? []).filter((w) => w.signed_on && w.worker_id !== props.me);
  const groups = [...new Set(present.flatMap((w) => w.groups))];
  return (
    <Ask
      open={props.open}
      title={say("chat.transfer")}
      go={say("chat.transfer")}
      ready={!!to}
      onClose={props.onClose}
      onGo={() => {
        const [kind, ...rest] = (to ?? "").split(":");
        return props.onGo({ [kind === "group" ? "to_group" : "to_worker"]: rest.join(":"), note });
      }}
    >
      <Select
        data-autofocus
        label={say("chat.transfer")}
        data={[
          ...present.map((w) => ({ value: `worker:${w.worker_id}`, label: w.name })),
          ...groups.map((g) => ({ value: `group:${g}`, label: `# ${g}` })),
        ]}
        value={to}
        onChange={setTo}
        searchable
      />
      <Textarea mt="sm" label={say("chat.note")} value={note} onChange={(e) => setNote(e.currentTarget.value)} onKeyDown={submitOnEnter} />
    </Ask>
  );
}

function submitOnEnter(event: React.KeyboardEvent<HTMLTextAreaElement>) {
  if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  }
}
