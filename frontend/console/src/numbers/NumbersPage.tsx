import { Alert, Anchor, Group, Paper, SegmentedControl, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { desk, type Schemas, told } from "../api/client";
import shell from "../app/shell.module.css";
import { DayChart } from "../charts/DayChart";
import { daysBetween } from "../charts/scale";
import { useOwnWords } from "../i18n/own";
import { Asked } from "../parts/Asked";
import { shownIn } from "../parts/shown";
import { LinesTable } from "./LinesTable";
import { MEASURES } from "./measures";
import { words } from "./words";

const PERIODS = [7, 30, 90];

/** The desk's numbers: closed chats by day and issue; never by arm, nor by holder while a trial runs. */
export function NumbersPage() {
  const { say } = useOwnWords(words);
  const [days, setDays] = useState(30);
  const query = useQuery({
    queryKey: ["numbers", days],
    queryFn: () => told(desk.GET("/api/numbers", { params: { query: { days } } })),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
  return (
    <main className={shell["wide"]} id="chat">
      <Stack gap="lg">
        <Group justify="space-between" align="end">
          <Title order={1} size="h2">
            {say("title")}
          </Title>
          <Group gap="sm">
            <SegmentedControl
              aria-label={say("period")}
              value={String(days)}
              onChange={(chosen) => setDays(Number(chosen))}
              data={PERIODS.map((n) => ({ value: String(n), label: say("days", { n }) }))}
            />
            <Anchor href={`/api/numbers.csv?days=${days}`} download className={shell["download"]}>
              {say("csv")}
            </Anchor>
          </Group>
        </Group>
        <Asked query={query}>{(numbers) => <Numbers numbers={numbers} />}</Asked>
      </Stack>
    </main>
  );
}

function Numbers(props: { numbers: Schemas["NumbersView"] }) {
  const { numbers } = props;
  const { say, language } = useOwnWords(words);
  const shown = shownIn(language);
  if (numbers.whole.chats === 0) {
    return (
      <Paper withBorder p="xl" ta="center" data-testid="empty">
        <Title order={2} size="h4" mb="xs">
          {say("empty")}
        </Title>
        <Text>{say("emptyText")}</Text>
      </Paper>
    );
  }
  const blind = numbers.blinded_by.length > 0;
  const byDay = new Map(numbers.days.map((line) => [line.day, line]));
  const from = numbers.days[0]?.day ?? numbers.first_day;
  const axis = daysBetween(from, numbers.last_day);
  const measures = MEASURES.filter((m) => !(blind && m.byHolder));
  return (
    <>
      <Text c="dimmed">{say("about", { from: shown.day(numbers.first_day), to: shown.day(numbers.last_day) })}</Text>
      {blind && (
        <Alert color="indigo" title={say("blind", { trials: numbers.blinded_by.join(", ") })}>
          {say("blindText")}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} spacing="md">
        {measures.map((m) => (
          <Paper key={m.key} withBorder p="md" component="section" aria-label={say(m.word)} data-measure={m.key}>
            <Group justify="space-between" align="baseline" wrap="nowrap" mb={6}>
              <Title order={2} size="h5" fw={500}>
                {say(m.word)}
              </Title>
              <Text fz={24} fw={600} style={{ fontVariantNumeric: "tabular-nums" }}>
                {m.shown(shown)(m.of(numbers.whole))}
              </Text>
            </Group>
            <DayChart
              label={`${say(m.word)}, ${say("byDay")}`}
              shown={m.shown(shown)}
              bars={m.key === "chats"}
              {...(m.most === undefined ? {} : { most: m.most })}
              points={axis.map((day) => {
                const line = byDay.get(day);
                return { day, value: line ? m.of(line) : m.key === "chats" ? 0 : null };
              })}
            />
            <Text size="xs" c="dimmed" mt={4} mih={18}>
              {m.key === "attention_s" && say("few", { n: numbers.least_workers })}
              {m.key === "retrial_share" && say("matured", { n: shown.whole(numbers.whole.matured) })}
              {m.key === "rating" && say("ratings", { n: shown.whole(numbers.whole.ratings) })}
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
      <LinesTable title={say("byClass")} lines={numbers.classes} measures={measures} by={["issue_class"]} />
      <LinesTable title={say("byDay")} lines={[...numbers.days].reverse()} measures={measures} by={["day"]} />
      <LinesTable
        title={say("byBoth")}
        lines={[...numbers.cells].reverse()}
        measures={measures.filter((m) => m.key !== "attention_s")}
        by={["day", "issue_class"]}
        first={12}
      />
    </>
  );
}
