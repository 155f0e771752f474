import { Button, Highlight, Modal, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";

import { useSearch } from "../api/queries";
import type { Schemas } from "../api/types";
import { type Say, useWords } from "../i18n";
import { When } from "../parts/time";
import classes from "./shell.module.css";

const AROUND = 160;

export function SearchDialog(props: { open: boolean; onClose: () => void; onOpen: (id: string) => void }) {
  const { say } = useWords();
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), 250);
  const found = useSearch(asked);
  const hits = (found.data?.pages ?? []).flatMap((page) => page.hits);
  const shown = hits.filter((hit, i) => hits.findIndex((h) => h.chat_id === hit.chat_id) === i);
  return (
    <Modal
      closeButtonProps={{ "aria-label": say("app.close") }}
      opened={props.open}
      onClose={props.onClose}
      title={say("search.title")}
      size="lg"
    >
      <TextInput
        data-autofocus
        aria-label={say("search.title")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        mb="sm"
      />
      <div role="status">
        {found.isFetching && <Text size="sm">{say("search.searching")}</Text>}
        {found.isSuccess && !found.isFetching && shown.length === 0 && (
          <Text size="sm">{say(found.hasNextPage ? "search.notLately" : "search.none")}</Text>
        )}
        {found.isError && <Text size="sm">{found.error.message}</Text>}
      </div>
      {shown.map((hit) => (
        <HitRow
          key={hit.chat_id}
          hit={hit}
          words={asked.split(/\s+/)}
          say={say}
          onOpen={() => {
            props.onClose();
            props.onOpen(hit.chat_id);
          }}
        />
      ))}
      {found.hasNextPage && (
        <Button variant="subtle" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {say("search.earlier")}
        </Button>
      )}
    </Modal>
  );
}

function HitRow(props: { hit: Schemas["FoundMessage"]; words: string[]; say: Say; onOpen: () => void }) {
  const { hit, words, say } = props;
  const who = hit.author === "system" ? "" : `${say(`search.by.${hit.author}`)} · `;
  return (
    <UnstyledButton className={classes["hit"] ?? ""} onClick={props.onOpen} data-chat={hit.chat_id}>
      <Text size="xs" c="dimmed">
        {who}
        <When us={hit.at_us} />
      </Text>
      <Highlight size="sm" highlight={words}>
        {excerpt(hit.text, words[0] ?? "")}
      </Highlight>
    </UnstyledButton>
  );
}

/** The part of a text around a word, whole if it is short. */
function excerpt(text: string, word: string): string {
  if (text.length <= 2 * AROUND) return text;
  const at = Math.max(0, text.toLowerCase().indexOf(word.toLowerCase()));
  const from = Math.max(0, at - AROUND);
  const to = Math.min(text.length, at + AROUND);
  return `${from > 0 ? "…" : ""}${text.slice(from, to)}${to < text.length ? "…" : ""}`;
}
