import { Button, Group, Text } from "@mantine/core";

import type { ChatCard, Entry } from "../api/types";
import { useWords } from "../i18n";
import { Kbd, useKeyOf } from "../keys/Kbd";
import { inWords, plain } from "../parts/Fields";
import { raiserWords, reasonWords } from "../parts/names";
import { Elapsed } from "../parts/time";
import classes from "./chat.module.css";

/** Why the worker is looking: the cause, who raised it, in what words, and how sure it is. */
export function Why(props: { card: ChatCard; entries: readonly Entry[]; onSeen: () => void; onDecline: () => void }) {
  const { card, entries } = props;
  const { say } = useWords();
  const keyOf = useKeyOf();
  const alert = card.escalation;
  if (!alert) return null;
  const heard = entries.findLast((e) => e.seq <= alert.flag_seq && e.kind === "MessagePosted" && e.data["author"] === "customer");
  const facts = [
    raiserWords(alert.raised_by, say),
    alert.reason && reasonWords(alert.reason, alert.cause, say),
    alert.score != null && alert.score < 1 && say("chat.score", { n: alert.score.toFixed(2) }),
  ].filter(Boolean);
  return (
    <section className={classes["why"]} aria-label={say("chat.why")} data-cause={alert.cause}>
      <Group justify="space-between" gap="xs" align="flex-start">
        <div style={{ minWidth: 0, flex: "1 1 220px" }}>
          <Text size="sm" fw={700}>
            {say(`cause.${alert.cause}`)} · <Elapsed sinceUs={alert.raised_us} />
          </Text>
          {heard && (
            <Text size="sm" lineClamp={2}>
              “{String(heard.data["text"] ?? "")}”
            </Text>
          )}
          {facts.length > 0 && <Text size="xs">{facts.join(" · ")}</Text>}
        </div>
        <Group gap={6}>
          {alert.state !== "acknowledged" && (
            <Button size="compact-sm" variant="default" onClick={props.onSeen} {...keyOf("acknowledge")}>
              {say("chat.acknowledge")} <Kbd of="acknowledge" />
            </Button>
          )}
          {card.holder.kind === "ai" && (
            <Button size="compact-sm" variant="default" onClick={props.onDecline}>
              {say("chat.decline")}
            </Button>
          )}
        </Group>
      </Group>
    </section>
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
  const sent = card.actions.filter((a) => a.state === "executing" || a.state === "unknown");
  const ended = new Set(entries.filter((e) => e.kind === "ActionSucceeded").map((e) => e.data["action_id"]));
  const done = entries.filter(
    (e) =>
      e.kind === "ActionProposed" && e.actor.startsWith("ai:") && e.data["risk"] !== "read" && ended.has(e.data["action_id"]),
  );
  const shown = [
    ...sent.map((a) => [a.action_id, say("chat.inFlight"), `${plain(a.tool)} · ${inWords(resolved(a.arguments, a.records))}`] as const),
    ...(mine ? done : []).map(
      (e) =>
        [String(e.data["action_id"]), say("chat.done"), `${plain(String(e.data["tool"]))} · ${inWords(resolved(e.data["arguments"], e.data["records"]))}`] as const,
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
