import { Badge, Group, Text, UnstyledButton } from "@mantine/core";
import { memo } from "react";

import type { ChatCard } from "../api/types";
import { type Say, useWords } from "../i18n";
import { Initials } from "../parts/Initials";
import { alertWords, customerWords, raiserWords } from "../parts/names";
import { Elapsed } from "../parts/time";
import classes from "./floor.module.css";
import { Mood } from "./Mood";
import { awaitsApproval } from "./sections";

const SIGN: Partial<Record<string, string>> = { technical: "?", emotional: "!", requested: "☎", policy: "§", risk: "◔" };

export interface RowProps {
  card: ChatCard;
  me: string;
  number: number;
  selected: boolean;
  onOpen: (chatId: string) => void;
  nameOf: (workerId: string) => string;
  /** What it is about, in the shop's words; empty while nobody knows. */
  topic: string;
}

/** Whose a chat is: who holds it, and for whom the AI does. */
export function whoseWords(card: ChatCard, me: string, nameOf: (id: string) => string, say: Say): string {
  const who = (id: string) => (id === me ? say("chat.you") : nameOf(id));
  if (card.holder.kind === "worker") return who(card.holder.id ?? "");
  if (card.holder.kind === "ai") return card.owner ? say("row.ai", { who: who(card.owner) }) : say("row.aiAlone");
  return card.owner ? say("row.queued", { who: who(card.owner) }) : say("chat.nobody");
}

/** A chat in the list: who, whose, why, how long. Every row is as high as every other, whatever it says. */
export const ChatRow = memo(function ChatRow(props: RowProps) {
  const { card, me, number, selected } = props;
  const { say } = useWords();
  const alert = card.escalation;
  const live = alert && ["raised", "alerted", "acknowledged"].includes(alert.state);
  const asks = !live && card.holder.kind === "nobody" && !!card.asked_us;
  const looks = !live && card.owner === me && !!card.look_us && !selected;
  const asked = awaitsApproval(card);
  const name = customerWords(card, say);
  const waits = card.waiting_since_us !== null && card.episode !== "wrap_up";
  const seen = live && alert.acknowledged_by && alert.acknowledged_by !== me ? alert.acknowledged_by : null;
  const whose = [whoseWords(card, me, props.nameOf, say), ...(seen ? [say("chat.seenBy", { who: props.nameOf(seen) })] : [])].join(" · ");
  return (
    <UnstyledButton
      className={classes["row"] ?? ""}
      data-selected={selected || undefined}
      data-alert={live ? alert.cause : undefined}
      data-chat={card.chat_id}
      aria-current={selected ? "true" : undefined}
      {...(number <= 9 ? { "aria-keyshortcuts": String(number) } : {})}
      onClick={() => props.onOpen(card.chat_id)}
    >
      <Initials name={name} voice={card.holder.kind === "ai" ? "ai" : card.holder.kind === "worker" ? "worker" : "customer"} />
      <div className={classes["rowText"]}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Group gap={6} wrap="nowrap" miw={0}>
            <Text size="sm" truncate className={classes[live || asked || asks ? "called" : "named"] ?? ""}>
              {name}
            </Text>
            {props.topic && (
              <Text size="xs" className={classes["quiet"] ?? ""} truncate>
                {props.topic}
              </Text>
            )}
          </Group>
          <Text
            size="xs"
            className={`${classes["since"]} ${classes[waits ? "waits" : "quiet"]}`}
            title={say(waits ? "chat.waitingSince" : "chat.openSince")}
          >
            <Elapsed sinceUs={card.waiting_since_us ?? card.opened_us} />
          </Text>
        </Group>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text size="xs" className={classes["quiet"] ?? ""} lineClamp={1} data-preview>
            {card.preview || "…"}
          </Text>
          <Mood levels={card.mood} />
        </Group>
        <div className={classes["last"]}>
          <Text size="xs" truncate className={classes["whose"] ?? ""} title={whose} data-whose>
            {whose}
          </Text>
          {live && (
            <Badge
              size="sm"
              variant="filled"
              className={classes["why"] ?? ""}
              data-why
              title={raiserWords(alert.raised_by, say)}
              color={alert.cause === "emotional" ? "alarm.8" : "alert.8"}
              leftSection={<span aria-hidden>{SIGN[alert.cause] ?? "!"}</span>}
            >
              {alertWords(alert, say)}
            </Badge>
          )}
          {asks && (
            <Badge size="sm" variant="filled" color="alert.8" leftSection={<span aria-hidden>{SIGN.requested}</span>}>
              {say("cause.requested")}
            </Badge>
          )}
          {looks && (
            <Badge size="sm" variant="outline" color="gray" leftSection={<span aria-hidden>◉</span>}>
              {say("chat.look")}
            </Badge>
          )}
          {asked && (
            <Badge size="sm" variant="filled" color="grape.8" leftSection={<span aria-hidden>$</span>}>
              {say("cause.approval")}
            </Badge>
          )}
        </div>
      </div>
    </UnstyledButton>
  );
});
