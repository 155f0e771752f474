import { Alert, Badge, Button, Group, NativeSelect, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";

import { desk, type Schemas, told } from "../api/client";
import shell from "../app/shell.module.css";
import { useOwnWords } from "../i18n/own";
import { Asked } from "../parts/Asked";
import { shownIn } from "../parts/shown";
import { ArmsCard, ExposureCard } from "./Arms";
import { BalanceCard, PowerCard } from "./Before";
import { HarmCard, PlanCard } from "./Fixed";
import { UnblindDialog } from "./UnblindDialog";
import { words } from "./words";

const WORKING_MS = 1_500;
const QUIET_MS = 60_000;

/** A trial: what was fixed, who showed up, what reached the chats. No effect before its time. */
export function TrialPage() {
  const { say } = useOwnWords(words);
  const { trial } = useParams();
  const navigate = useNavigate();
  const list = useQuery({ queryKey: ["trials"], queryFn: () => told(desk.GET("/api/trials")) });
  return (
    <main className={shell["wide"]} id="chat">
      <Asked query={list}>
        {({ trials }) => {
          const chosen = trial ?? trials[0]?.trial;
          if (!chosen) {
            return (
              <Stack gap="lg">
                <Title order={1} size="h2">
                  {say("title")}
                </Title>
                <Paper withBorder p="xl" ta="center" data-testid="empty">
                  <Title order={2} size="h4" mb="xs">
                    {say("none")}
                  </Title>
                  <Text>{say("noneText")}</Text>
                </Paper>
              </Stack>
            );
          }
          return (
            <Stack gap="lg">
              {trials.length > 1 && (
                <NativeSelect
                  label={say("choose")}
                  maw={320}
                  value={chosen}
                  onChange={(event) => void navigate(`/trial/${encodeURIComponent(event.currentTarget.value)}`)}
                  data={trials.map((t) => t.trial)}
                />
              )}
              <OneTrial key={chosen} name={chosen} />
            </Stack>
          );
        }}
      </Asked>
    </main>
  );
}

function OneTrial(props: { name: string }) {
  const query = useQuery({
    queryKey: ["trial", props.name],
    queryFn: () => told(desk.GET("/api/trials/{trial}", { params: { path: { trial: props.name } } })),
    refetchInterval: (q) => (q.state.data?.before.state === "working" ? WORKING_MS : QUIET_MS),
  });
  return <Asked query={query}>{(trial) => <Told trial={trial} onChange={() => void query.refetch()} />}</Asked>;
}

function Told(props: { trial: Schemas["TrialView"]; onChange: () => void }) {
  const { trial } = props;
  const { say, language } = useOwnWords(words);
  const shown = shownIn(language);
  const [asking, setAsking] = useState(false);
  const phase = trial.over && trial.phase !== "stopped" ? "ended" : trial.phase;
  return (
    <>
      <div>
        <Group gap="sm" align="center">
          <Title order={1} size="h2">
            {say("title")} · {trial.trial}
          </Title>
          <Badge variant="filled" color={phase === "locked" ? "step.8" : "dark.4"} data-phase={phase}>
            {say(phase)}
          </Badge>
        </Group>
        {trial.question && <Text mt={4}>{trial.question}</Text>}
      </div>
      {trial.hidden ? (
        <Alert color="indigo" title={say("hidden", { day: shown.day(trial.treatment_until) })} data-testid="hidden">
          <Group justify="space-between" align="end" gap="md">
            <Text size="sm" maw={640}>
              {say("hiddenText")}
            </Text>
            <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
              {say("unblind")}
            </Button>
          </Group>
        </Alert>
      ) : (
        <EffectsCard trial={trial} />
      )}
      {(trial.unblinded ?? []).length > 0 && (
        <Alert color="orange" title={say("unblinded")} data-testid="looks">
          {trial.unblinded.map((look) => (
            <Text size="sm" key={look.at_us}>
              {say("unblindedBy", { who: look.who, when: shown.moment(look.at_us), why: look.why })}
            </Text>
          ))}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Stack gap="md">
          <PlanCard trial={trial} />
          <BalanceCard before={trial.before} />
        </Stack>
        <Stack gap="md">
          <HarmCard trial={trial} />
          <ArmsCard trial={trial} />
          <ExposureCard trial={trial} />
          <PowerCard before={trial.before} />
        </Stack>
      </SimpleGrid>
      <UnblindDialog trial={trial.trial} opened={asking} onClose={() => setAsking(false)} onDone={props.onChange} />
    </>
  );
}

function EffectsCard(props: { trial: Schemas["TrialView"] }) {
  const { say } = useOwnWords(words);
  const navigate = useNavigate();
  const { effects } = props.trial;
  return (
    <Paper withBorder p="md" component="section" aria-label={say("effects")} data-testid="effects">
      <Group justify="space-between" align="start" mb="xs">
        <Title order={2} size="h4">
          {say("effects")}
        </Title>
        {effects && (
          <Button size="compact-sm" variant="default" onClick={() => void navigate(`/evidence/${encodeURIComponent(effects.report)}`)}>
            {say("effectsOpen")}
          </Button>
        )}
      </Group>
      {effects ? (
        <>
          <Text fw={500} mb="xs">
            {effects.summary}
          </Text>
          {effects.headlines.map((line) => (
            <Text size="sm" key={line.title}>
              {line.reading}
            </Text>
          ))}
        </>
      ) : (
        <Text size="sm">{say("noReport")}</Text>
      )}
    </Paper>
  );
}
