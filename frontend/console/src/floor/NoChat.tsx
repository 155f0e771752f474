import { Button, Stack, Text, Title } from "@mantine/core";

import { desk, told } from "../api/client";
import { useWords } from "../i18n";
import type { KeyAction } from "../keys/bindings";
import { useLive } from "../live/context";
import { showRefusal } from "../parts/notify";
import { usePreferences } from "../settings/preferences";
import classes from "./floor.module.css";
import { type Waits, waitWords } from "./sections";

const SUPERVISING: readonly KeyAction[] = ["urgent", "next", "takeOver", "whisper", "handBack", "help"];
const BY_HAND: readonly KeyAction[] = ["urgent", "next", "reply", "transfer", "close", "help"];

/** What stands where a chat would: how to begin, or what to press. */
export function NoChat(props: { me: string; supervision: boolean; waits: Waits }) {
  const { say } = useWords();
  const { preferences } = usePreferences();
  const presence = useLive((s) => s.floor.workers[props.me]?.presence ?? "off");
  const keys = props.supervision ? SUPERVISING : BY_HAND;
  const begin = () => told(desk.POST("/api/presence", { body: { presence: "available" } })).catch(showRefusal);
  const [title, text] =
    presence === "off"
      ? [say("none.off"), say("none.offText")]
      : presence === "away"
        ? [say("none.away"), say("none.awayText")]
        : [waitWords(props.waits, say), say("chat.none", { key: preferences.bindings.urgent.toUpperCase() })];
  return (
    <div className={classes["none"]}>
      <Stack gap="xs" align="center" ta="center">
        <Title order={1} size="h3">
          {title}
        </Title>
        <Text className={classes["quiet"] ?? ""}>{text}</Text>
        {presence !== "available" && (
          <Button mt="xs" onClick={() => void begin()}>
            {say("presence.signOn")}
          </Button>
        )}
        {presence === "available" && preferences.keys && (
          <dl className={classes["legend"]}>
            {keys.map((action) => (
              <div key={action}>
                <dt>
                  <kbd>{preferences.bindings[action]}</kbd>
                </dt>
                <dd>{say(`key.${action}`)}</dd>
              </div>
            ))}
          </dl>
        )}
      </Stack>
    </div>
  );
}
