import { Group, Loader, Paper, Table, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import type { Schemas } from "../api/client";
import { LovePlot } from "../charts/LovePlot";
import { PowerCurve } from "../charts/PowerCurve";
import { useOwnWords } from "../i18n/own";
import { shownIn } from "../parts/shown";
import { Wide } from "../parts/Wide";
import { words } from "./words";

type Before = Schemas["BeforeTreatment"];

/** Whether the arms were alike before treatment. */
export function BalanceCard(props: { before: Before }) {
  const { before } = props;
  const { say, language } = useOwnWords(words);
  const shown = shownIn(language);
  const rows = before.balance ?? [];
  return (
    <Card title={say("balance")} before={before} missing={before.no_balance ?? ""}>
      <Text size="sm" mb="xs">
        {say("balanceText", { p: shown.share(before.joint_p ?? null) })}
      </Text>
      <LovePlot
        label={say("balanceLabel")}
        rows={rows.map((r) => ({
          name: rows.some((o) => o.arm !== r.arm) ? `${r.covariate} (${r.arm})` : r.covariate,
          value: r.standardized,
          band: r.band,
        }))}
      />
      <Wide minWidth={300} label={say("balance")}>
        <Table mt="xs" style={{ fontVariantNumeric: "tabular-nums" }} verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{say("covariate")}</Table.Th>
              <Table.Th scope="col" ta="right">
                {say("control")}
              </Table.Th>
              <Table.Th scope="col" ta="right">
                {say("arm")}
              </Table.Th>
              <Table.Th scope="col" ta="right">
                {say("difference")}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((r) => (
              <Table.Tr key={`${r.covariate}/${r.arm}`}>
                <Table.Td>{r.covariate}</Table.Td>
                <Table.Td ta="right">{shown.fine(r.control_mean)}</Table.Td>
                <Table.Td ta="right">{shown.fine(r.arm_mean)}</Table.Td>
                <Table.Td ta="right">{shown.fine(r.standardized)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}

/** What the trial's own design would see, by days of treatment. */
export function PowerCard(props: { before: Before }) {
  const { before } = props;
  const { say } = useOwnWords(words);
  const { power } = before;
  const refused = power?.points.every((p) => p.minimum_value === null) ? power.points[0]?.refused : undefined;
  return (
    <Card title={say("power")} before={before} missing={(before.no_power ?? "") || (refused ?? "")}>
      {power && (
        <>
          <Text size="sm" mb="xs">
            {say("powerText", { outcome: power.outcome, chats: power.chats })}
          </Text>
          <PowerCurve
            label={say("powerLabel")}
            axis={say("powerDays")}
            points={power.points.map((p) => ({ x: p.days, y: p.minimum_value, text: p.minimum }))}
            goal={power.worth_value === null ? null : Math.abs(power.worth_value)}
            goalText={say("powerGoal", { n: power.worth })}
          />
        </>
      )}
    </Card>
  );
}

function Card(props: { title: string; before: Before; missing: string; children: ReactNode }) {
  const { say } = useOwnWords(words);
  return (
    <Paper withBorder p="md" component="section" aria-label={props.title} data-state={props.before.state}>
      <Title order={2} size="h4" mb="xs">
        {props.title}
      </Title>
      {props.before.state === "working" ? (
        <Group gap="xs" role="status">
          <Loader size="xs" aria-hidden /> <Text size="sm">{say("working")}</Text>
        </Group>
      ) : props.missing ? (
        <Text size="sm">
          <b>{say("unavailable")}.</b> {props.missing}
        </Text>
      ) : (
        props.children
      )}
    </Paper>
  );
}
