import { ActionIcon, Badge, Button, Group, Menu, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";

import type { ChatCard } from "../api/types";
import { VOICE } from "../app/theme";
import { useWords } from "../i18n";
import type { KeyAction } from "../keys/bindings";
import { Kbd, useKeyOf } from "../keys/Kbd";
import { Initials } from "../parts/Initials";
import { customerWords, endedWords } from "../parts/names";
import { Elapsed } from "../parts/time";
import { useShopWords } from "../parts/useShopWords";
import { Colleagues } from "./Colleagues";
import classes from "./head.module.css";

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
  /** End the wrap-up, or close: asks how it ended unless that was said already. */
  onEnd: () => void;
}

interface Deed {
  key: KeyAction;
  words: string;
  go: () => void;
  first?: boolean;
}

/** Whose chat this is, who speaks in it, and what can be done with it as a whole: one row. */
export function ChatHead(props: HeadProps) {
  const { card, gone, mine } = props;
  const { say } = useWords();
  const shop = useShopWords();
  const narrow = useMediaQuery("(max-width: 620px)", false, { getInitialValueInEffect: false });
  const wrapUp = card.episode === "wrap_up";
  const active = card.episode === "active";
  const ended = card.episode === "closed";
  const colour = gone || card.holder.kind === "nobody" || !card.holder.kind ? "gray.7" : card.holder.kind === "ai" ? VOICE.ai : "step";
  const held = narrow ? props.holder : say("chat.heldBy", { who: props.holder });
  const deeds: Deed[] = [];
  if (!gone && !mine && !wrapUp && !ended) deeds.push({ key: "takeOver", words: say("chat.takeOver"), go: props.onTakeOver, first: true });
  if (!gone && mine && props.supervision && card.eligible && active)
    deeds.push({ key: "handBack", words: say("chat.handBack"), go: () => props.onAsk("hand_back") });
  if (!gone && mine && active) deeds.push({ key: "transfer", words: say("chat.transfer"), go: () => props.onAsk("transfer") });
  if (!gone && (mine || card.holder.kind === "ai"))
    deeds.push({ key: "close", words: say(wrapUp ? "chat.endWrapUp" : "chat.close"), go: props.onEnd, first: wrapUp });
  const outside = narrow ? deeds.filter((d) => d.first) : deeds;
  const inMenu = narrow ? deeds.filter((d) => !d.first) : [];
  return (
    <header className={classes["head"]}>
      <div className={classes["whose"]}>
        <ActionIcon variant="subtle" size="lg" className={classes["back"] ?? ""} onClick={props.onBack} aria-label={say("chat.back")}>
          <span aria-hidden className={classes["chevron"]}>
            ‹
          </span>
        </ActionIcon>
        <Initials name={customerWords(card, say)} voice="customer" />
        <Text component="h1" fw={600} m={0} truncate className={classes["name"] ?? ""}>
          {customerWords(card, say)}
        </Text>
        {card.issue_class && !narrow && (
          <Text size="sm" truncate className={classes["topic"] ?? ""}>
            {shop.code(card.issue_class)}
          </Text>
        )}
        <Badge variant="filled" color={colour} data-testid="holder" tt="none" className={classes["holder"] ?? ""}>
          {props.closed || ended ? say("chat.over") : gone ? say("chat.gone") : held}
        </Badge>
        {!gone && <Colleagues chatId={card.chat_id} />}
        {!narrow && (
          <Text size="sm" className={classes["since"] ?? ""}>
            <Elapsed sinceUs={card.opened_us} />
          </Text>
        )}
        {wrapUp && card.disposition && !gone && (
          <Button size="compact-xs" variant="subtle" onClick={() => props.onAsk("close")}>
            {say("chat.ended", { how: endedWords(card.disposition, say) })}
          </Button>
        )}
      </div>
      <Group gap={6} wrap="nowrap" className={classes["deeds"] ?? ""}>
        {outside.map((deed) => (
          <DeedButton key={deed.key} deed={deed} />
        ))}
        {narrow ? (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="default" size={30} aria-label={say("chat.more")}>
                <span aria-hidden>⋯</span>
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {inMenu.map((deed) => (
                <Menu.Item key={deed.key} onClick={deed.go}>
                  {deed.words}
                </Menu.Item>
              ))}
              <Menu.Item onClick={props.onAbout}>{say("chat.about")}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ) : (
          <Button size="compact-sm" variant="default" hiddenFrom="lg" onClick={props.onAbout}>
            {say("chat.about")}
          </Button>
        )}
      </Group>
    </header>
  );
}

function DeedButton(props: { deed: Deed }) {
  const { key, words, go, first } = props.deed;
  const keyOf = useKeyOf();
  return (
    <Button size="compact-sm" variant={first ? "filled" : "default"} onClick={go} {...keyOf(key)}>
      {words} <Kbd of={key} />
    </Button>
  );
}
