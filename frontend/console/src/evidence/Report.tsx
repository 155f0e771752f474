import { Alert, Anchor, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";

import type { Schemas } from "../api/client";
import shell from "../app/shell.module.css";
import { useOwnWords } from "../i18n/own";
import { Wide } from "../parts/Wide";
import classes from "./evidence.module.css";
import { words } from "./words";

type Told = Schemas["ShelfReport"];
const MARK: Record<string, string> = { good: "✓", warn: "!", bad: "✕", plain: "·" };

/** A report, question by question. Its figures are the very files that the report wrote. */
export function Report(props: { view: Schemas["ReportView"] }) {
  const { name, report, files } = props.view;
  const { say } = useOwnWords(words);
  const at = `/api/evidence/${encodeURIComponent(name)}`;
  return (
    <Stack gap="lg">
      <div>
        <Group justify="space-between" align="start">
          <Title order={1} size="h2">
            {report.title}
          </Title>
          <Group gap="xs" component="nav" aria-label={say("saves")}>
            {files.map((file) => (
              <Anchor key={file} href={`${at}/files/${file}`} download className={shell["download"]}>
                {say("save", { file })}
              </Anchor>
            ))}
          </Group>
        </Group>
        {report.question && <Text mt={4}>{report.question}</Text>}
      </div>
      {report.summary && <Text className={classes["summary"]}>{report.summary}</Text>}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {(report.headlines ?? []).map((line) => (
          <Paper key={line.title} withBorder p="md" className={classes["headline"]} data-verdict={line.verdict}>
            <Title order={2} size="h5" mb={4}>
              {line.title}
            </Title>
            {line.rows && line.rows.length > 0 && (
              <Table className={classes["rows"] ?? ""} verticalSpacing={4} horizontalSpacing={6} mb={6}>
                <Table.Thead>
                  <Table.Tr>
                    {(["onWhich", "without", "change", "interval"] as const).map((head) => (
                      <Table.Th key={head} scope="col">
                        {say(head)}
                      </Table.Th>
                    ))}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {line.rows.map((row) => (
                    <Table.Tr key={row.chats} data-verdict={row.verdict}>
                      <Table.Th scope="row">{row.chats}</Table.Th>
                      <Table.Td>{row.base}</Table.Td>
                      <Table.Td>
                        <b>{row.change}</b> <span className={classes["verdict"]}>{say(`verdict_${row.verdict as "good"}`)}</span>
                      </Table.Td>
                      <Table.Td>{row.span || "–"}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )}
            <Text size="sm">{line.reading}</Text>
          </Paper>
        ))}
      </SimpleGrid>
      {(report.lights ?? []).length > 0 && (
        <section aria-label={say("trust")}>
          <Title order={2} size="h4" mb="xs">
            {say("trust")}
          </Title>
          <ul className={classes["lights"]}>
            {report.lights?.map((light) => (
              <li key={light.title} data-tone={light.tone}>
                <span className={classes["mark"]} aria-hidden>
                  {MARK[light.tone] ?? "·"}
                </span>
                <span>
                  <span className={classes["said"]}>{say((light.tone in MARK ? light.tone : "plain") as "good")}: </span>
                  <b>{light.title}</b> {light.text}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <nav aria-label={say("contents")} className={classes["contents"]}>
        {sectionsOf(report).map((section) => (
          <a key={section.id} href={`#${section.id}`}>
            {section.title}
          </a>
        ))}
      </nav>
      {sectionsOf(report).map((section) => (
        <Section key={section.id} section={section} report={report} at={at} />
      ))}
      <section aria-label={say("about")}>
        <Title order={2} size="h4" mb="xs">
          {say("about")}
        </Title>
        <dl className={classes["about"]}>
          {Object.entries({ ...report.about, ...report.digest }).map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
    </Stack>
  );
}

function Section(props: { section: Schemas["ShelfPart"]; report: Told; at: string }) {
  const { section, report, at } = props;
  const figures = (report.readings ?? []).filter((f) => f.section === section.id);
  const tables = (report.tables ?? []).filter((t) => t.section === section.id);
  if (!figures.length && !tables.length) {
    return section.lead ? (
      <Alert color="gray" title={section.title}>
        {section.lead}
      </Alert>
    ) : null;
  }
  return (
    <Paper withBorder p="md" component="section" id={section.id} aria-label={section.title} data-section={section.id}>
      <Title order={2} size="h4" mb={4}>
        {section.title}
      </Title>
      {section.lead && (
        <Text size="sm" mb="sm">
          {section.lead}
        </Text>
      )}
      {figures.map((f) => (
        <figure key={f.figure} className={classes["figure"]}>
          <img src={`${at}/figures/${encodeURIComponent(f.figure)}.svg`} alt={f.reading} loading="lazy" data-figure={f.figure} />
          <figcaption>{f.reading}</figcaption>
        </figure>
      ))}
      {tables.map((t, i) => (
        <Wide key={`${t.title}/${i}`} minWidth={520} label={t.title}>
          <Table style={{ fontVariantNumeric: "tabular-nums" }} captionSide="top">
            <Table.Caption ta="left">{t.title}</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                {t.heads.map((head, n) => (
                  <Table.Th key={n} scope="col">
                    {head}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {t.rows.map((row, n) => (
                <Table.Tr key={n}>
                  {row.map((cell, k) => (
                    <Table.Td key={k}>{cell}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      ))}
    </Paper>
  );
}

/** The report's sections; of an older report, which doesn't name them, those of its figures. */
function sectionsOf(report: Told): Schemas["ShelfPart"][] {
  if (report.sections?.length) return report.sections;
  const ids = [...(report.readings ?? []), ...(report.tables ?? [])].map((part) => part.section);
  return [...new Set(ids)].map((id) => ({ id, title: id, lead: "" }));
}
