import { Button, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";

import type { ChatCard, Entry } from "../api/types";
import { inDanger, owesWords } from "../floor/sections";
import { useWords } from "../i18n";
import { Kbd, useKeyOf } from "../keys/Kbd";
import { alertWords, raiserWords, reasonWords } from "../parts/names";
import { inWords } from "../parts/shopWords";
import { Elapsed } from "../parts/time";
import { useShopWords } from "../parts/useShopWords";
import classes from "./chat.module.css";
import head from "./head.module.css";

const LIVE = ["raised", "alerted", "acknowledged"];

/** Whether somebody should still come to a chat. */
export const alerts = (card: ChatCard): boolean => !!card.escalation && LIVE.includes(card.escalation.state);

/** What a live alert says beside its cause: the customer's words, who raised it, how sure it is. */
function useAlert(card: ChatCard, entries: readonly Entry[]) {
  const { say } = useWords();
  const alert = card.escalation;
  if (!alert) return null;
  const heard = entries.findLast((e) => e.seq <= alert.flag_seq && e.kind === "MessagePosted" && e.data["author"] === "customer");
  const facts = [
    raiserWords(alert.raised_by, say),
    card.left_in_danger && say("chat.left"),
    alert.reason && reasonWords(alert.reason, alert.cause, say),
    alert.score != null && alert.score < 1 && say("chat.score", { n: alert.score.toFixed(2) }),
  ].filter(Boolean);
  return { alert, title: alertWords(alert, say), quote: heard ? `“${String(heard.data["text"] ?? "")}”` : "", facts: facts.join(" · ") };
}

/** Why the worker is looking, in one line above the words: the cause, since when, what was said. */
export function Why(props: { card: ChatCard; entries: readonly Entry[]; onSeen: () => void; onDecline: () => void; children?: ReactNode }) {
  const { card } = props;
  const { say } = useWords();
  const keyOf = useKeyOf();
  const why = useAlert(card, props.entries);
  if (!why) return null;
  const { alert, title, quote, facts } = why;
  const live = alerts(card);
  const open = card.episode === "queued" || card.episode === "active";
  const leaves = open && (card.holder.kind === "ai" || inDanger(card) || owesWords(card));
  return (
    <section className={classes["why"]} aria-label={say("chat.why")} data-cause={alert.cause}>
      <p className={classes["line"]} title={[quote, facts].filter(Boolean).join(" · ")}>
        <b>
          {title} · <Elapsed sinceUs={alert.raised_us} />
        </b>
        <span>{[quote, facts].filter(Boolean).join(" · ")}</span>
      </p>
      {(props.children || (live && alert.state !== "acknowledged") || leaves) && (
        <Group gap={6} wrap="nowrap" className={head["deeds"] ?? ""}>
          {props.children}
          {live && alert.state !== "acknowledged" && (
            <Button size="compact-sm" variant="default" onClick={props.onSeen} {...keyOf("acknowledge")}>
              {say("chat.acknowledge")} <Kbd of="acknowledge" />
            </Button>
          )}
          {leaves && (
            <Button size="compact-sm" variant="default" onClick={props.onDecline}>
              {say(inDanger(card) || owesWords(card) ? "chat.noDanger" : "chat.decline")}
            </Button>
          )}
        </Group>
      )}
    </section>
  );
}

/** The same with nothing cut short, where there is room for it. */
export function WhyInFull(props: { card: ChatCard; entries: readonly Entry[] }) {
  const why = useAlert(props.card, props.entries);
  if (!why) return null;
  return (
    <div className={classes["full"]} data-cause={why.alert.cause}>
      <Text size="sm" fw={600}>
        {why.title} · <Elapsed sinceUs={why.alert.raised_us} />
      </Text>
      {why.quote && <Text size="sm">{why.quote}</Text>}
      {why.facts && <Text size="xs">{why.facts}</Text>}
    </div>
  );
}

/** A call's arguments, each as the record that code found for it where there is one. */
function resolved(given: unknown, records: unknown): Record<string, unknown> {
  const known = (records ?? {}) as Record<string, unknown>;
  const told = (name: string, value: unknown) => (typeof (known[name] ?? null) === "object" ? value : known[name]);
  return Object.fromEntries(Object.entries((given ?? {}) as object).map(([name, value]) => [name, told(name, value)]));
}

/** What the AI has done or sent already: a takeover doesn't undo it. */
export function AlreadyDone(props: { card: ChatCard; mine: boolean; entries: readonly Entry[] }) {
  const { card, entries, mine } = props;
  const { say } = useWords();
  const shop = useShopWords();
  const sent = card.actions.filter((a) => a.state === "executing" || a.state === "unknown");
  const ended = new Set(entries.filter((e) => e.kind === "ActionSucceeded").map((e) => e.data["action_id"]));
  const done = entries.filter(
    (e) => e.kind === "ActionProposed" && e.actor.startsWith("ai:") && e.data["risk"] !== "read" && ended.has(e.data["action_id"]),
  );
  const shown = [
    ...sent.map(
      (a) => [a.action_id, say("chat.inFlight"), `${shop.tool(a.tool)} · ${inWords(resolved(a.arguments, a.records), shop)}`] as const,
    ),
    ...(mine ? done : []).map(
      (e) =>
        [
          String(e.data["action_id"]),
          say("chat.done"),
          `${shop.tool(String(e.data["tool"]))} · ${inWords(resolved(e.data["arguments"], e.data["records"]), shop)}`,
        ] as const,
    ),
  ];
  if (!shown.length) return null;
  return (
    <section className={classes["done"]} role="status">
      {shown.map(([id, what, detail]) => (
        <Text size="sm" key={id}>
          <b>{what}</b>: {detail}
        </Text>
      ))}
    </section>
  );
}
