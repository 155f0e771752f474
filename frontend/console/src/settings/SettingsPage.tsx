import { Button, Group, SegmentedControl, Stack, Switch, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { desk, told } from "../api/client";
import shell from "../app/shell.module.css";
import { allReported } from "../attention/report";
import { speed } from "../floor/speed";
import { useWords } from "../i18n";
import { LOCALE } from "../parts/shown";
import { lengthWords } from "../parts/time";
import { KeyTable } from "./KeyTable";
import { AS_GIVEN, usePreferences, useScheme } from "./preferences";

export function SettingsPage() {
  const { say, language } = useWords();
  const { preferences, change } = usePreferences();
  const { colorScheme, setColorScheme } = useScheme();
  const attention = useQuery({ queryKey: ["attention"], queryFn: () => allReported().then(() => told(desk.GET("/api/attention"))) });
  const taken = speed();
  const lines = attention.data?.lines ?? [];
  const total = lines.reduce((sum, line) => sum + line.duration_ms, 0) / 1_000;
  const desktop = async (on: boolean) => {
    if (on && "Notification" in window && Notification.permission !== "granted") {
      if ((await Notification.requestPermission()) !== "granted") return;
    }
    change({ desktop: on });
  };
  return (
    <main className={shell["page"]} id="chat">
      <Stack gap="lg" maw={640}>
        <Title order={1} size="h2">
          {say("settings.title")}
        </Title>
        <Group justify="space-between">
          <Text id="language">{say("settings.language")}</Text>
          <SegmentedControl
            aria-labelledby="language"
            value={preferences.language}
            onChange={(language) => change({ language: language as "en" | "zh" })}
            data={[
              { value: "en", label: "English" },
              { value: "zh", label: "中文" },
            ]}
          />
        </Group>
        <Group justify="space-between">
          <Text id="theme">{say("settings.theme")}</Text>
          <SegmentedControl
            aria-labelledby="theme"
            value={colorScheme}
            onChange={(scheme) => setColorScheme(scheme as "light" | "dark" | "auto")}
            data={[
              { value: "light", label: say("settings.light") },
              { value: "dark", label: say("settings.dark") },
              { value: "auto", label: say("settings.auto") },
            ]}
          />
        </Group>
        <Group justify="space-between">
          <Text id="density">{say("settings.density")}</Text>
          <SegmentedControl
            aria-labelledby="density"
            value={preferences.density}
            onChange={(density) => change({ density: density as "comfortable" | "compact" })}
            data={[
              { value: "comfortable", label: say("settings.comfortable") },
              { value: "compact", label: say("settings.compact") },
            ]}
          />
        </Group>
        <Group justify="space-between">
          <Text>{say("settings.layout")}</Text>
          <Button size="compact-sm" variant="default" onClick={() => change({ layout: AS_GIVEN })}>
            {say("settings.layoutReset")}
          </Button>
        </Group>
        <Group justify="space-between">
          <Text>{say("settings.speed")}</Text>
          <Text size="sm" data-speed={taken?.p95}>
            {taken ? say("settings.speedText", taken) : say("settings.speedNone")}
          </Text>
        </Group>
        <Switch label={say("settings.sounds")} checked={preferences.sounds} onChange={(e) => change({ sounds: e.currentTarget.checked })} />
        <Switch label={say("settings.desktop")} checked={preferences.desktop} onChange={(e) => void desktop(e.currentTarget.checked)} />
        <section>
          <Switch
            label={say("settings.keys")}
            checked={preferences.keys}
            onChange={(e) => change({ keys: e.currentTarget.checked })}
            mb="xs"
          />
          <KeyTable />
        </section>
        <section aria-label={say("settings.attention")}>
          <Title order={2} size="h4">
            {say("settings.attention")}
          </Title>
          <Text size="sm" my="xs">
            {say("settings.attentionText")}
          </Text>
          {attention.data?.recorded === false && (
            <Text size="sm" mb="xs">
              {say("settings.attentionDesk")}
            </Text>
          )}
          <Switch
            disabled={attention.data?.recorded === false}
            label={say("settings.attentionOff")}
            checked={preferences.attention}
            onChange={(e) => change({ attention: e.currentTarget.checked })}
          />
          {lines.length > 0 && (
            <>
              <Text size="sm" mt="sm" fw={500}>
                {say("settings.attentionMine")}: {lengthWords(total, say)}
              </Text>
              <Table mt={4}>
                <Table.Tbody>
                  {joined(lines)
                    .slice(0, 20)
                    .map((line, i) => (
                      <Table.Tr key={i}>
                        <Table.Td>{new Date(line.at_us / 1_000).toLocaleTimeString(LOCALE[language])}</Table.Td>
                        <Table.Td>{line.chat_id ?? say("settings.attentionNone")}</Table.Td>
                        <Table.Td>{lengthWords(line.duration_ms / 1_000, say)}</Table.Td>
                      </Table.Tr>
                    ))}
                </Table.Tbody>
              </Table>
            </>
          )}
        </section>
      </Stack>
    </main>
  );
}

/** Intervals, latest first; those that follow each other on one chat are one. */
function joined<Line extends { at_us: number; chat_id: string | null; duration_ms: number }>(lines: readonly Line[]): Line[] {
  const found: Line[] = [];
  for (const line of lines) {
    const later = found[found.length - 1];
    if (later?.chat_id === line.chat_id) {
      found[found.length - 1] = { ...line, duration_ms: later.duration_ms + line.duration_ms };
    } else found.push(line);
  }
  return found;
}
