import { Alert, Button, Center, Loader } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Refusal } from "../api/http";
import { useWords } from "../i18n";
import { refusalWords } from "../i18n/refusals";

/** What a query brought; until then a sign that it is under way, or why there is nothing. */
export function Asked<T>(props: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const { say, language } = useWords();
  const { query } = props;
  if (query.data !== undefined) return props.children(query.data);
  if (!query.isError) {
    return (
      <Center h={240}>
        <Loader aria-label={say("app.loading")} />
      </Center>
    );
  }
  const { error } = query;
  const told = error instanceof Refusal ? refusalWords(error, language) : null;
  return (
    <Alert color="red" role="alert" title={told?.message ?? String(error)}>
      {told?.hint && <p style={{ margin: "0 0 8px" }}>{told.hint}</p>}
      <Button size="compact-sm" variant="default" onClick={() => void query.refetch()}>
        {say("app.retry")}
      </Button>
    </Alert>
  );
}
