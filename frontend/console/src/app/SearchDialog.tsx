import { Button, Group, Highlight, Modal, Select, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";

import { useReplies, useSearch } from "../api/queries";
import type { Schemas } from "../api/types";
import { type Say, useWords } from "../i18n";
import { customerWords } from "../parts/names";
import { When } from "../parts/time";
import { useShopWords } from "../parts/useShopWords";
import { usePreferences } from "../settings/preferences";
import { asked as askedFor, NOTHING, nameOf, type Wanted } from "./search";
import classes from "./shell.module.css";

const AROUND = 160;
const STATES = ["queued", "active", "wrap_up", "closed"] as const;
const KEPT_AT_MOST = 12;

/** Past chats: by words, by customer, order, state, label and day; what is looked for again and again is kept as a view. */
export function SearchDialog(props: { onClose: () => void; onOpen: (id: string) => void }) {
  const { say } = useWords();
  const replies = useReplies();
  const { preferences, change } = usePreferences();
  const [wanted, setWanted] = useState<Wanted>(NOTHING);
  const [settled] = useDebouncedValue(wanted, 250);
  const query = askedFor(settled);
  const found = useSearch(query);
  const hits = (found.data?.pages ?? []).flatMap((page) => page.hits);
  const shown = hits.filter((hit, i) => hits.findIndex((h) => h.chat_id === hit.chat_id) === i);
  const set = (part: Partial<Wanted>) => setWanted((now) => ({ ...now, ...part }));
  const { views } = preferences;
  const name = nameOf(wanted, say);
  const kept = views.find((view) => JSON.stringify(view.wanted) === JSON.stringify(wanted));
  return (
    <Modal closeButtonProps={{ "aria-label": say("app.close") }} opened onClose={props.onClose} title={say("search.title")} size="lg">
      <TextInput
        data-autofocus
        aria-label={say("search.title")}
        placeholder={say("search.hint")}
        value={wanted.text}
        onChange={(event) => set({ text: event.currentTarget.value })}
        mb="xs"
      />
      <div className={classes["filters"]} role="group" aria-label={say("search.filters")}>
        <TextInput
          size="xs"
          aria-label={say("chat.customer")}
          placeholder={say("chat.customer")}
          value={wanted.customer}
          onChange={(event) => set({ customer: event.currentTarget.value })}
        />
        <Select
          size="xs"
          aria-label={say("search.state")}
          placeholder={say("search.state")}
          clearable
          data={STATES.map((state) => ({ value: state, label: say(`episode.${state}`) }))}
          value={wanted.state || null}
          onChange={(state) => set({ state: (state ?? "") as Wanted["state"] })}
        />
        <Select
          size="xs"
          aria-label={say("chat.labels")}
          placeholder={say("chat.labels")}
          clearable
          data={replies.data?.labels ?? []}
          value={wanted.label || null}
          onChange={(label) => set({ label: label ?? "" })}
        />
        <TextInput
          size="xs"
          type="date"
          aria-label={say("search.since")}
          title={say("search.since")}
          value={wanted.since}
          onChange={(event) => set({ since: event.currentTarget.value })}
        />
        <TextInput
          size="xs"
          type="date"
          aria-label={say("search.until")}
          title={say("search.until")}
          value={wanted.until}
          onChange={(event) => set({ until: event.currentTarget.value })}
        />
      </div>
      <Group gap={6} mb="sm" role="group" aria-label={say("search.views")}>
        {views.map((view) => (
          <Button
            key={JSON.stringify(view.wanted)}
            size="compact-xs"
            variant={view === kept ? "filled" : "default"}
            onClick={() => setWanted(view.wanted)}
          >
            {nameOf(view.wanted, say)}
          </Button>
        ))}
        {query && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => change({ views: kept ? views.filter((view) => view !== kept) : [...views, { wanted }].slice(-KEPT_AT_MOST) })}
          >
            {say(kept ? "search.forget" : "search.keep", { name })}
          </Button>
        )}
      </Group>
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
          words={settled.text.trim().split(/\s+/).filter(Boolean)}
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
  const shop = useShopWords();
  const about = [
    say(`episode.${hit.episode}`),
    hit.issue_class && shop.code(hit.issue_class),
    ...hit.labels.map((label) => `#${label}`),
    hit.where === "action" && say("search.inAction"),
  ].filter(Boolean);
  const who = hit.where === "message" && hit.author !== "system" ? `${say(`search.by.${hit.author}`)}: ` : "";
  return (
    <UnstyledButton className={classes["hit"] ?? ""} onClick={props.onOpen} data-chat={hit.chat_id} data-where={hit.where}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm" truncate>
          <b>{customerWords(hit, say)}</b> · {about.join(" · ")}
        </Text>
        <Text size="xs" className={classes["choiceHint"] ?? ""} style={{ whiteSpace: "nowrap" }}>
          <When us={hit.at_us} />
        </Text>
      </Group>
      {hit.text && (
        <Highlight size="sm" highlight={words}>
          {`${who}${excerpt(hit.text, words[0] ?? "")}`}
        </Highlight>
      )}
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
