import { Badge, Box, Group, Text, UnstyledButton } from "@mantine/core";
import { memo } from "react";

import type { ChatCard } from "../api/types";
import { VOICE } from "../app/theme";
import { useWords } from "../i18n";
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
}

/** A chat in the list: who, why, how long. Icon, word and colour say the same thing. */
export const ChatRow = memo(function ChatRow(props: RowProps) {
  const { card, me, number, selected } = props;
  const { say } = useWords();
  const alert = card.escalation;
  const live = alert && ["raised", "alerted", "acknowledged"].includes(alert.state);
  const asks = !live && card.holder.kind === "nobody" && !!card.asked_us;
  const looks = !live && card.owner === me && !!card.look_us && !selected;
  const name = customerWords(card, say);
  const waits = card.waiting_since_us !== null && card.episode !== "wrap_up";
  const voice = card.holder.kind === "ai" ? VOICE.ai : VOICE.worker;
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
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Group gap={6} wrap="nowrap" miw={0}>
          <Box className={classes["dot"] ?? ""} bg={`var(--mantine-color-${voice}-filled)`} aria-hidden />
          <Text fw={600} size="sm" truncate>
            {name}
          </Text>
          {card.issue_class && (
            <Text size="xs" className={classes["quiet"] ?? ""} truncate>
              {card.issue_class}
            </Text>
          )}
        </Group>
        <Text
          size="xs"
          className={classes[waits ? "waits" : "quiet"] ?? ""}
          style={{ whiteSpace: "nowrap" }}
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
      {(live || asks || looks || awaitsApproval(card)) && (
        <Group gap={6} mt={4}>
          {live && (
            <Badge
              size="sm"
              variant="filled"
              color={alert.cause === "emotional" ? "alarm.8" : "alert.8"}
              leftSection={<span aria-hidden>{SIGN[alert.cause] ?? "!"}</span>}
            >
              {alertWords(alert, say)}
            </Badge>
          )}
          {live && (
            <Text size="xs" className={classes["quiet"] ?? ""}>
              {raiserWords(alert.raised_by, say)}
            </Text>
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
          {awaitsApproval(card) && (
            <Badge size="sm" variant="filled" color="grape.8" leftSection={<span aria-hidden>$</span>}>
              {say("cause.approval")}
            </Badge>
          )}
          {alert?.acknowledged_by && alert.acknowledged_by !== me && live && (
            <Text size="xs" className={classes["quiet"] ?? ""}>
              {say("chat.seenBy", { who: props.nameOf(alert.acknowledged_by) })}
            </Text>
          )}
        </Group>
      )}
    </UnstyledButton>
  );
});
