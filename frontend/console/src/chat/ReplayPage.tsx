import { Button, Group, Loader, Slider, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useParams } from "react-router";

import type { Me } from "../api/types";
import shell from "../app/shell.module.css";
import { useWords } from "../i18n";
import { kindWords } from "../i18n/kinds";
import { useKeys } from "../keys/useKeys";
import { useWorkers } from "../live/useWorkers";
import { customerWords } from "../parts/names";
import { lengthWords } from "../parts/time";
import { ChatLog } from "./ChatLog";
import { useEntries } from "./useEntries";

/** A chat as it went, event by event: the slider is the log. */
export function ReplayPage(props: { me: Me }) {
  const { chatId = "" } = useParams();
  const { say, language } = useWords();
  const { entries, card, error } = useEntries(chatId);
  const workers = useWorkers();
  const [chosen, setChosen] = useState<number | null>(null);
  const end = entries.length;
  const at = Math.min(chosen ?? end, end);
  const first = entries[0];
  const shown = entries[at - 1];
  useKeys({
    next: () => setChosen(Math.min(end, at + 1)),
    previous: () => setChosen(Math.max(1, at - 1)),
  });
  return (
    <main className={shell["page"]} id="chat">
      <Stack>
        <Title order={1} size="h3">
          {say("chat.replay")} · {card ? customerWords(card, say) : chatId}
        </Title>
        {error && end === 0 ? (
          <Text role="alert">{error.message}</Text>
        ) : end === 0 ? (
          <Loader aria-label={say("app.loading")} />
        ) : (
          <>
            <Group wrap="nowrap" align="center">
              <Button variant="default" size="compact-sm" onClick={() => setChosen(Math.max(1, at - 1))} aria-label={say("replay.back")}>
                ‹
              </Button>
              <Slider
                flex={1}
                min={1}
                max={end}
                value={at}
                onChange={setChosen}
                thumbLabel={say("chat.replay")}
                label={(n) => kindWords(entries[n - 1]?.kind ?? "", language)}
              />
              <Button variant="default" size="compact-sm" onClick={() => setChosen(Math.min(end, at + 1))} aria-label={say("replay.on")}>
                ›
              </Button>
            </Group>
            <Text size="sm" role="status">
              {at}/{end} · {kindWords(shown?.kind ?? "", language)}
              {shown && first ? ` · ${lengthWords((shown.at_us - first.at_us) / 1e6, say)}` : ""}
            </Text>
            <div style={{ height: "65vh", display: "flex" }}>
              <ChatLog chatId={chatId} entries={entries.slice(0, at)} me={props.me.worker_id} workers={workers} />
            </div>
          </>
        )}
      </Stack>
    </main>
  );
}
