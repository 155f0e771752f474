import { Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { desk, type Schemas, told } from "../api/client";
import shell from "../app/shell.module.css";
import { useOwnWords } from "../i18n/own";
import { Asked } from "../parts/Asked";
import { shownIn } from "../parts/shown";
import classes from "./evidence.module.css";
import { Report } from "./Report";
import { words } from "./words";

/** The reports on the desk's shelf, or one of them. */
export function EvidencePage() {
  const { report } = useParams();
  return (
    <main className={shell["wide"]} id="chat">
      {report ? <OneReport key={report} name={report} /> : <Reports />}
    </main>
  );
}

function OneReport(props: { name: string }) {
  const { say } = useOwnWords(words);
  const query = useQuery({
    queryKey: ["report", props.name],
    queryFn: () => told(desk.GET("/api/evidence/{report}", { params: { path: { report: props.name } } })),
    retry: false,
  });
  return (
    <Stack gap="md">
      <Link to="/evidence" className={classes["back"]}>
        ‹ {say("all")}
      </Link>
      <Asked query={query}>{(view) => <Report view={view} />}</Asked>
    </Stack>
  );
}

function Reports() {
  const { say } = useOwnWords(words);
  const query = useQuery({ queryKey: ["reports"], queryFn: () => told(desk.GET("/api/evidence")) });
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {say("title")}
      </Title>
      <Asked query={query}>
        {({ reports, folder }) =>
          reports.length === 0 ? (
            <Paper withBorder p="xl" ta="center" data-testid="empty">
              <Title order={2} size="h4" mb="xs">
                {say("empty")}
              </Title>
              <Text>{say("emptyText", { folder })}</Text>
            </Paper>
          ) : (
            <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: "none" }}>
              {reports.map((line) => (
                <Line key={line.name} line={line} />
              ))}
            </Stack>
          )
        }
      </Asked>
    </Stack>
  );
}

function Line(props: { line: Schemas["ReportLine"] }) {
  const { line } = props;
  const { say, language } = useOwnWords(words);
  const shown = shownIn(language);
  const closed = line.hidden || !!line.problem;
  return (
    <Paper component="li" withBorder p="md" data-report={line.name}>
      <Group justify="space-between" align="start" wrap="nowrap">
        <div>
          <Title order={2} size="h4">
            {closed ? (
              line.trial || line.name
            ) : (
              <Link className={classes["title"]} to={`/evidence/${encodeURIComponent(line.name)}`}>
                {line.trial}
              </Link>
            )}
          </Title>
          {line.question && <Text size="sm">{line.question}</Text>}
          {line.summary && (
            <Text mt={6} fw={500}>
              {line.summary}
            </Text>
          )}
          {line.problem && <Text size="sm">{say("unreadable", { why: line.problem })}</Text>}
          {!!line.written_us && (
            <Text size="xs" c="dimmed" mt={6}>
              {line.name} · {say("written", { when: shown.moment(line.written_us) })}
            </Text>
          )}
        </div>
        {line.hidden && (
          <Badge variant="filled" color="dark.4" style={{ flex: "none" }}>
            {say("hidden")}
          </Badge>
        )}
      </Group>
    </Paper>
  );
}
