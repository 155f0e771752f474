import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { desk, told } from "../api/client";
import type { ChatCard, Entry, Schemas } from "../api/types";
import { useWords } from "../i18n";
import { Kbd, useKeyOf } from "../keys/Kbd";
import classes from "./chat.module.css";

export type Suggestion = Schemas["ShownSuggestion"];
type Shown = Schemas["Shown"];

const LINES = ["brief.wants", "brief.did", "brief.next"] as const;
const LIVE = ["raised", "alerted", "acknowledged"];

/** The brief of a chat that calls this worker, or that was taken over from the AI. */
export function useBrief(card: ChatCard, me: string, gone: boolean): Shown | undefined {
  const { language } = useWords();
  const alert = card.escalation;
  const called = !!alert && LIVE.includes(alert.state) && card.holder.kind === "ai";
  const taken = card.holder.kind === "worker" && card.holder.id === me && card.ai_messages > 0;
  const wanted = !gone && card.episode === "active" && (called || taken);
  const { data } = useQuery({
    queryKey: ["brief", card.chat_id, card.epoch, alert?.flag_seq ?? 0, card.customer_messages, language],
    queryFn: () =>
      told(desk.POST("/api/chats/{chat_id}/brief", { params: { path: { chat_id: card.chat_id } }, body: { language } })),
    enabled: wanted,
    placeholderData: (before, query) => (query?.queryKey[1] === card.chat_id ? before : undefined),
    staleTime: Infinity,
    retry: false,
  });
  return wanted ? data : undefined;
}

/** Three lines with the events that they rest on, and replies to insert where the worker may reply. */
export function Brief(props: {
  shown: Shown;
  canReply: boolean;
  onInsert: (one: Suggestion) => void;
  onCite: (seq: number) => void;
}) {
  const { shown, canReply } = props;
  const { say } = useWords();
  const keyOf = useKeyOf();
  if (!shown.lines.length && !shown.suggestions.length) return null;
  return (
    <section className={classes["brief"]} aria-label={say("brief.title")}>
      {shown.lines.length > 0 && (
        <dl className={classes["briefLines"]}>
          {shown.lines.map((line, i) => (
            <div key={LINES[i]}>
              <dt>{say(LINES[i] ?? "brief.title")}</dt>
              <dd>
                {line.text}{" "}
                {line.cites.map((seq) => (
                  <button key={seq} type="button" className={classes["cite"]} aria-label={say("brief.cite", { n: seq })} onClick={() => props.onCite(seq)}>
                    {seq}
                  </button>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {canReply && shown.suggestions.length > 0 && (
        <Group gap={6} mt={6} role="group" aria-label={say("brief.suggestions")}>
          {shown.suggestions.map((one, i) => (
            <Button
              key={one.suggestion_id}
              size="compact-sm"
              variant="default"
              maw="100%"
              title={`${one.text} (${one.source})`}
              onClick={() => props.onInsert(one)}
              {...(i === 0 ? keyOf("suggest") : {})}
            >
              <span className={classes["clip"]}>
                <b>{say(`suggest.${one.kind}`)}</b> {one.text}
              </span>
              {i === 0 && <Kbd of="suggest" />}
            </Button>
          ))}
        </Group>
      )}
    </section>
  );
}

/** The last nudge to this worker that nothing was said after. */
export function nudgeOf(entries: readonly Entry[], me: string): Entry | undefined {
  const at = entries.findLastIndex((e) => e.kind === "NudgeShown" && e.data["worker_id"] === me);
  if (at < 0) return undefined;
  const answered = entries.slice(at + 1).some((e) => e.kind === "MessagePosted" && e.actor === `worker:${me}`);
  return answered ? undefined : entries[at];
}

/** A quiet word about effort; it goes with a reply, or when it is waved away. */
export function Nudge(props: { entry: Entry | undefined }) {
  const { say } = useWords();
  const [dismissed, setDismissed] = useState(0);
  const { entry } = props;
  if (!entry || entry.seq === dismissed) return null;
  const kind = entry.data["kind"] as "silent" | "short" | "look_now";
  return (
    <div className={classes["nudge"]} role="status" data-nudge={kind}>
      <Text size="sm" component="span">
        {say(`nudge.${kind}`)}
      </Text>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setDismissed(entry.seq)}>
        {say("nudge.dismiss")}
      </Button>
    </div>
  );
}
