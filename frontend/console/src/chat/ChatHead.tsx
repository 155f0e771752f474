import { ActionIcon, Badge, Button, Group, Text } from "@mantine/core";

import type { ChatCard } from "../api/types";
import { VOICE } from "../app/theme";
import { useWords } from "../i18n";
import { Kbd, useKeyOf } from "../keys/Kbd";
import { customerWords } from "../parts/names";
import { Elapsed } from "../parts/time";
import classes from "./chat.module.css";

export interface HeadProps {
  card: ChatCard;
  gone: boolean;
  /** Whether it has ended. */
  closed: boolean;
  mine: boolean;
  /** Who holds the chat, in words. */
  holder: string;
  /** Whether there is an AI to hand the chat back to. */
  supervision: boolean;
  onBack: () => void;
  onAbout: () => void;
  onTakeOver: () => void;
  onAsk: (dialog: "hand_back" | "close" | "transfer") => void;
}

/** Whose chat this is, who speaks in it, and what can be done with it as a whole. */
export function ChatHead(props: HeadProps) {
  const { card, gone, mine } = props;
  const { say } = useWords();
  const keyOf = useKeyOf();
  const wrapUp = card.episode === "wrap_up";
  const colour = gone || card.holder.kind === "nobody" || !card.holder.kind ? "gray.7" : card.holder.kind === "ai" ? VOICE.ai : "step";
  return (
    <header className={classes["head"]}>
      <Group justify="space-between" gap="xs">
        <Group gap={10} miw={0}>
          <ActionIcon variant="subtle" size="lg" hiddenFrom="sm" onClick={props.onBack} aria-label={say("chat.back")}>
            <span aria-hidden className={classes["chevron"]}>
              ‹
            </span>
          </ActionIcon>
          <Text component="h1" fw={700} size="lg" m={0} truncate>
            {customerWords(card, say)}
          </Text>
          {card.issue_class && <Text size="sm">{card.issue_class}</Text>}
          <Badge variant="filled" color={colour} data-testid="holder" tt="none">
            {props.closed ? say("chat.over") : gone ? say("chat.gone") : say("chat.heldBy", { who: props.holder })}
          </Badge>
          <Text size="sm" className={classes["since"] ?? ""}>
            <Elapsed sinceUs={card.opened_us} />
          </Text>
        </Group>
        <Group gap={6}>
          {!gone && !mine && !wrapUp && (
            <Button size="compact-sm" onClick={props.onTakeOver} {...keyOf("takeOver")}>
              {say("chat.takeOver")} <Kbd of="takeOver" />
            </Button>
          )}
          {!gone && mine && props.supervision && card.eligible && card.episode === "active" && (
            <Button size="compact-sm" variant="default" onClick={() => props.onAsk("hand_back")} {...keyOf("handBack")}>
              {say("chat.handBack")} <Kbd of="handBack" />
            </Button>
          )}
          {!gone && mine && card.episode === "active" && (
            <Button size="compact-sm" variant="default" onClick={() => props.onAsk("transfer")} {...keyOf("transfer")}>
              {say("chat.transfer")} <Kbd of="transfer" />
            </Button>
          )}
          {!gone && (mine || card.holder.kind === "ai") && (
            <Button
              size="compact-sm"
              variant={wrapUp ? "filled" : "default"}
              onClick={() => props.onAsk("close")}
              {...keyOf("close")}
            >
              {say(wrapUp ? "chat.endWrapUp" : "chat.close")} <Kbd of="close" />
            </Button>
          )}
          <Button size="compact-sm" variant="default" hiddenFrom="lg" onClick={props.onAbout}>
            {say("chat.about")}
          </Button>
        </Group>
      </Group>
    </header>
  );
}
