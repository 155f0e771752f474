import { Badge, Code, Group, Paper, Table, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import type { Schemas } from "../api/client";
import { useOwnWords } from "../i18n/own";
import { shownIn } from "../parts/shown";
import { namedIn, words } from "./words";

type Trial = Schemas["TrialView"];

/** The plan with its dates, outcomes, hash and lock. */
export function PlanCard(props: { trial: Trial }) {
  const { trial } = props;
  const { say, language } = useOwnWords(words);
  const { day } = shownIn(language);
  const dates = { from: day(trial.treatment_from), until: day(trial.treatment_until), days: trial.days };
  const outcomes = (role: "primary" | "secondary") => (
    <>
      {trial.outcomes
        .filter((o) => o.role === role)
        .map((o) => (
          <div key={`${o.name}/${o.chats}`}>
            {say("outcome", { name: namedIn(say, "of", o.name), chats: namedIn(say, "on", o.chats) })}
            {o.minimal_effect !== null && (
              <Text size="sm" c="dimmed">
                {say("worth", { n: o.scale === "log" ? `${Number((o.minimal_effect * 100).toPrecision(3))} %` : o.minimal_effect })}
              </Text>
            )}
          </div>
        ))}
    </>
  );
  const rows: [string, ReactNode][] = [
    [say("unit"), trial.unit],
    [say("control"), trial.control],
    [say("pre"), day(trial.pre_from)],
    [say("dates"), trial.day ? say("days", { ...dates, day: trial.day }) : say("daysNotYet", dates)],
    [say("primary"), outcomes("primary")],
    ...(trial.outcomes.some((o) => o.role === "secondary") ? ([[say("secondary"), outcomes("secondary")]] as [string, ReactNode][]) : []),
    [say("planHash"), <Hash key="plan" hash={trial.plan_hash} />],
    [say("lock"), trial.assignment_hash ? <Hash key="lock" hash={trial.assignment_hash} /> : say("notLocked")],
  ];
  return (
    <Paper withBorder p="md" component="section" aria-label={say("plan")}>
      <Title order={2} size="h4" mb="xs">
        {say("plan")}
      </Title>
      <Progress day={trial.day} days={trial.days} />
      <Table withRowBorders={false} verticalSpacing={5}>
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={500} w={150} style={{ verticalAlign: "top" }}>
                {name}
              </Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

function Progress(props: { day: number; days: number }) {
  const share = Math.min(1, props.day / props.days);
  return (
    <svg viewBox="0 0 400 10" width="100%" height="10" preserveAspectRatio="none" aria-hidden style={{ display: "block", marginBottom: 8 }}>
      <rect width="400" height="10" rx="5" fill="var(--line)" />
      <rect width={400 * share} height="10" rx="5" fill="var(--worker)" />
    </svg>
  );
}

function Hash(props: { hash: string }) {
  return <Code title={props.hash}>{props.hash.slice(0, 16)}</Code>;
}

/** What the machine has said about harm: go on or stop, nothing else. */
export function HarmCard(props: { trial: Trial }) {
  const { harm } = props.trial;
  const { say, language } = useOwnWords(words);
  const { day } = shownIn(language);
  const said = { go: "go", stop: "stop", none: "noLook" } as const;
  const colour = { go: "good.8", stop: "alarm.8", none: "dark.4" }[harm.said];
  return (
    <Paper withBorder p="md" component="section" aria-label={say("harm")} data-said={harm.said}>
      <Group justify="space-between" mb={6}>
        <Title order={2} size="h4">
          {say("harm")}
        </Title>
        <Badge variant="filled" size="lg" color={colour}>
          {say(said[harm.said])}
        </Badge>
      </Group>
      <Text size="sm">
        {say("harmText", {
          outcomes: harm.outcomes.map((o) => namedIn(say, "of", o)).join(", "),
          chats: namedIn(say, "on", harm.chats),
          alpha: harm.alpha,
          done: harm.looks_done,
          looks: harm.looks,
        })}{" "}
        {harm.next_look && say("harmNext", { day: day(harm.next_look) })}
      </Text>
    </Paper>
  );
}
