import { Alert, Button, Center, Loader } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Refusal } from "../api/http";
import { useWords } from "../i18n";

/** What a query brought; until then a sign that it is under way, or why there is nothing. */
export function Asked<T>(props: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const { say } = useWords();
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
  return (
    <Alert color="red" role="alert" title={error instanceof Refusal ? error.message : String(error)}>
      {error instanceof Refusal && <p style={{ margin: "0 0 8px" }}>{error.hint}</p>}
      <Button size="compact-sm" variant="default" onClick={() => void query.refetch()}>
        {say("app.retry")}
      </Button>
    </Alert>
  );
}
