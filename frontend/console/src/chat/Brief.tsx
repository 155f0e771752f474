import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { desk, told } from "../api/client";
import type { ChatCard, Entry, Schemas } from "../api/types";
import { useWords } from "../i18n";
import { Kbd, useKeyOf } from "../keys/Kbd";
import { usePreferences } from "../settings/preferences";
import classes from "./chat.module.css";
import { alerts } from "./Why";

export type Suggestion = Schemas["ShownSuggestion"];
export type Shown = Schemas["Shown"];

const LINES = ["brief.wants", "brief.did", "brief.way", "brief.next"] as const;

/** The brief of a chat that calls this worker, or that was taken over from the AI. */
export function useBrief(card: ChatCard, me: string, gone: boolean): { wanted: boolean; shown: Shown | undefined } {
  const { language } = useWords();
  const asked = card.actions.filter((a) => a.needs_approval).map((a) => `${a.action_id} ${a.state}`);
  const alert = card.escalation;
  const called = alerts(card) && card.holder.kind === "ai";
  const taken = card.holder.kind === "worker" && card.holder.id === me && card.ai_messages > 0;
  const wanted = !gone && card.episode === "active" && (called || taken);
  const { data } = useQuery({
    queryKey: ["brief", card.chat_id, card.epoch, alert?.flag_seq ?? 0, card.customer_messages, asked.join(), language],
    queryFn: () => told(desk.POST("/api/chats/{chat_id}/brief", { params: { path: { chat_id: card.chat_id } }, body: { language } })),
    enabled: wanted,
    placeholderData: (before, query) => (query?.queryKey[1] === card.chat_id ? before : undefined),
    staleTime: Infinity,
    retry: false,
  });
  return { wanted, shown: wanted ? data : undefined };
}

/** Whether there is anything to read in a brief. */
export const hasWords = (shown: Shown | undefined): shown is Shown => !!shown && (shown.lines.length > 0 || shown.suggestions.length > 0);

/** The brief in one line, where there is no column for it: what to do now; the rest is a press away. It is there before its words are. */
export function CaseLine(props: { shown: Shown | undefined; onOpen: () => void }) {
  const { say } = useWords();
  const line = props.shown?.lines.at(-1) ?? props.shown?.lines[0];
  return (
    <button type="button" className={classes["case"]} onClick={props.onOpen}>
      <b>{say("brief.title")}</b> <span className={classes["caseText"]}>{line?.text ?? "…"}</span>
      <span aria-hidden>›</span>
    </button>
  );
}

/** The careful sentence in one line: a press puts it in the field. */
export function CautionLine(props: { caution: Suggestion; onInsert: (one: Suggestion) => void }) {
  const { say } = useWords();
  return (
    <button type="button" className={classes["case"]} title={props.caution.text} onClick={() => props.onInsert(props.caution)}>
      <b>{say("caution.insert")}</b> <span className={classes["caseText"]}>{props.caution.text}</span>
      <span aria-hidden>›</span>
    </button>
  );
}

/**
 * The case in four lines with the events that they rest on, or folded into one; under it replies to insert
 * where the worker may reply.
 */
export function Brief(props: { shown: Shown; canReply: boolean; onInsert: (one: Suggestion) => void; onCite: (seq: number) => void }) {
  const { shown, canReply } = props;
  const { say } = useWords();
  const keyOf = useKeyOf();
  const { preferences, change } = usePreferences();
  const folded = preferences.briefFolded;
  return (
    <section className={classes["brief"]} aria-label={say("brief.title")} data-folded={folded || undefined}>
      {shown.lines.length > 0 && (
        <>
          <button
            type="button"
            className={classes["fold"]}
            aria-expanded={!folded}
            title={folded ? shown.lines.map((line) => line.text).join(" · ") : undefined}
            onClick={() => change({ briefFolded: !folded })}
          >
            <span aria-hidden>{folded ? "▸" : "▾"}</span>{" "}
            <span className={classes["caseText"]}>{folded ? shown.lines.map((line) => line.text).join(" · ") : say("brief.case")}</span>
          </button>
          {!folded && (
            <dl className={classes["briefLines"]}>
              {shown.lines.map((line, i) => (
                <div key={LINES[i]}>
                  <dt>{say(LINES[i] ?? "brief.title")}</dt>
                  <dd>
                    {line.text}{" "}
                    {line.cites.map((seq) => (
                      <button
                        key={seq}
                        type="button"
                        className={classes["cite"]}
                        aria-label={say("brief.cite", { n: seq })}
                        onClick={() => props.onCite(seq)}
                      >
                        {seq}
                      </button>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </>
      )}
      {canReply && shown.suggestions.length > 0 && (
        <Stack gap={6} mt={10} role="group" aria-label={say("brief.suggestions")}>
          {shown.suggestions.map((one, i) => (
            <Button
              key={one.suggestion_id}
              className={classes["suggestion"] ?? ""}
              variant="default"
              title={one.source}
              onClick={() => props.onInsert(one)}
              {...(i === 0 ? keyOf("suggest") : {})}
            >
              <span>
                <b>{say(`suggest.${one.kind}`)}</b> {one.text}
              </span>
              {i === 0 && <Kbd of="suggest" />}
            </Button>
          ))}
        </Stack>
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
    <li>
      <div className={classes["nudge"]} role="status" data-nudge={kind}>
        <Text size="sm" component="span">
          {say(`nudge.${kind}`)}
        </Text>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setDismissed(entry.seq)}>
          {say("nudge.dismiss")}
        </Button>
      </div>
    </li>
  );
}
