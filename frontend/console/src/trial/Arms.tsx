import { Alert, Paper, Table, Text, Title } from "@mantine/core";

import type { Schemas } from "../api/client";
import { useOwnWords } from "../i18n/own";
import { shownIn } from "../parts/shown";
import { Wide } from "../parts/Wide";
import { words } from "./words";

type Trial = Schemas["TrialView"];
const SUSPICIOUS_P = 0.01;

/** Who was drawn into each arm, and who showed up. */
export function ArmsCard(props: { trial: Trial }) {
  const { trial } = props;
  const { say, language } = useOwnWords(words);
  const shown = shownIn(language);
  const tests = trial.seen.flatMap((a) => (a.p === null ? [] : [a.p]));
  const p = tests.length ? Math.min(...tests) : null;
  const fixed = new Map(trial.arms.map((a) => [a.name, a]));
  const heads = ["arm", "policy", "share", "drawn", "late", "seen", "expected"] as const;
  return (
    <Paper withBorder p="md" component="section" aria-label={say("arms")}>
      <Title order={2} size="h4" mb="xs">
        {say("arms")}
      </Title>
      <Wide minWidth={440} label={say("arms")}>
        <Table style={{ fontVariantNumeric: "tabular-nums" }}>
          <Table.Thead>
            <Table.Tr>
              {heads.map((head, i) => (
                <Table.Th key={head} scope="col" ta={i > 1 ? "right" : "left"}>
                  {say(head)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {trial.seen.map((a) => (
              <Table.Tr key={a.arm}>
                <Table.Th scope="row">{a.arm}</Table.Th>
                <Table.Td>{fixed.get(a.arm)?.policy}</Table.Td>
                <Table.Td ta="right">{shown.share(fixed.get(a.arm)?.share)}</Table.Td>
                <Table.Td ta="right">{shown.whole(a.assigned)}</Table.Td>
                <Table.Td ta="right">{shown.whole(a.late)}</Table.Td>
                <Table.Td ta="right">{shown.whole(a.seen)}</Table.Td>
                <Table.Td ta="right">{shown.tenth(a.expected)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      {p !== null && p < SUSPICIOUS_P ? (
        <Alert color="red" title={say("ratio")} mt="xs">
          {say("ratioBad", { p: shown.p(p) })}
        </Alert>
      ) : (
        <Text size="sm" mt="xs">
          <b>{say("ratio")}</b> · {p === null ? say("ratioNone") : say("ratioFine", { p: shown.p(p) })}
        </Text>
      )}
    </Paper>
  );
}

/** How far each arm's policy reached its eligible chats. */
export function ExposureCard(props: { trial: Trial }) {
  const { say, language } = useOwnWords(words);
  const shown = shownIn(language);
  const arms = props.trial.seen;
  return (
    <Paper withBorder p="md" component="section" aria-label={say("exposure")}>
      <Title order={2} size="h4" mb={4}>
        {say("exposure")}
      </Title>
      <Text size="sm" mb="xs">
        {say("exposureText")}
      </Text>
      <Wide minWidth={300} label={say("exposure")}>
        <Table style={{ fontVariantNumeric: "tabular-nums" }}>
          <Table.Thead>
            <Table.Tr>
              {(["arm", "chats", "eligible", "byAi"] as const).map((head, i) => (
                <Table.Th key={head} scope="col" ta={i ? "right" : "left"}>
                  {say(head)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {arms.map((a) => (
              <Table.Tr key={a.arm}>
                <Table.Th scope="row">{a.arm}</Table.Th>
                <Table.Td ta="right">{shown.whole(a.chats)}</Table.Td>
                <Table.Td ta="right">{shown.whole(a.eligible)}</Table.Td>
                <Table.Td ta="right">
                  {shown.whole(a.by_ai)} ({shown.share(a.eligible ? a.by_ai / a.eligible : null)})
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Paper>
  );
}
