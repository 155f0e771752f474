import { Button, Table, Title } from "@mantine/core";
import { useState } from "react";

import type { Schemas } from "../api/client";
import { useOwnWords } from "../i18n/own";
import { shownIn } from "../parts/shown";
import { Wide } from "../parts/Wide";
import type { Measure } from "./measures";
import { words } from "./words";

const HEAD = { day: "day", issue_class: "issue" } as const;

/** Lines of measures: all, or the first few with a button for the rest. */
export function LinesTable(props: {
  title: string;
  lines: readonly Schemas["MetricLine"][];
  measures: readonly Measure[];
  by: readonly ("day" | "issue_class")[];
  first?: number;
}) {
  const { say, language } = useOwnWords(words);
  const shown = shownIn(language);
  const [all, setAll] = useState(false);
  const lines = all || props.first === undefined ? props.lines : props.lines.slice(0, props.first);
  return (
    <section aria-label={props.title}>
      <Title order={2} size="h4" mb="xs">
        {props.title}
      </Title>
      <Wide minWidth={760} label={props.title}>
        <Table striped highlightOnHover style={{ fontVariantNumeric: "tabular-nums" }}>
          <Table.Thead>
            <Table.Tr>
              {props.by.map((key) => (
                <Table.Th key={key} scope="col">
                  {say(HEAD[key])}
                </Table.Th>
              ))}
              {props.measures.map((m) => (
                <Table.Th key={m.key} scope="col" ta="right">
                  {say(m.word)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={`${line.day}/${line.issue_class}`}>
                {props.by.map((key) => (
                  <Table.Td key={key} style={{ whiteSpace: "nowrap" }}>
                    {line[key].replaceAll("_", " ")}
                  </Table.Td>
                ))}
                {props.measures.map((m) => (
                  <Table.Td key={m.key} ta="right">
                    {m.shown(shown)(m.of(line))}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      {lines.length < props.lines.length && (
        <Button variant="default" size="compact-sm" mt="xs" onClick={() => setAll(true)}>
          {say("showAll", { n: props.lines.length })}
        </Button>
      )}
    </section>
  );
}
