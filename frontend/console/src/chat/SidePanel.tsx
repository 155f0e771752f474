import { Accordion, Badge, Button, Group, Stack, Tabs, TagsInput, Text, UnstyledButton } from "@mantine/core";
import { lazy, memo, Suspense, useState } from "react";
import { Link } from "react-router";

import { useHistory, useRecords, useReplies } from "../api/queries";
import type { ChatCard, PastChat } from "../api/types";
import { type Say, useWords } from "../i18n";
import { customerWords, endedWords, languageWords } from "../parts/names";
import { showRefusal } from "../parts/notify";
import { When } from "../parts/time";
import { useShopWords } from "../parts/useShopWords";
import { Brief, hasWords, type Shown, type Suggestion } from "./Brief";
import { CustomerRecord, recordTitle } from "./CustomerRecord";
import classes from "./chat.module.css";
import { command } from "./commands";
import { useEntries } from "./useEntries";
import { alerts, WhyInFull } from "./Why";

/** The forms of the tools come when a chat is opened: the first page does without them. */
const ToolBox = lazy(() => import("./ToolBox").then((m) => ({ default: m.ToolBox })));

export type Tab = "brief" | "customer";

interface SideProps {
  card: ChatCard;
  brief: Shown | undefined;
  awaited: boolean;
  tab: Tab;
  /** Whether the worker may reply: only then is there something to insert a suggestion in. */
  canReply: boolean;
  onTab: (tab: Tab) => void;
  onInsert: (one: Suggestion) => void;
  onCite: (seq: number) => void;
  onOpen: (id: string) => void;
}

/** Beside the words: the brief of the case, and behind it the customer. */
export const SidePanel = memo(function SidePanel(props: SideProps) {
  const { say } = useWords();
  const { card, brief } = props;
  return (
    <Tabs value={props.tab} onChange={(tab) => props.onTab((tab as Tab | null) ?? "customer")}>
      <Tabs.List className={classes["tabs"] ?? ""} aria-label={say("chat.about")}>
        <Tabs.Tab value="brief">{say("brief.title")}</Tabs.Tab>
        <Tabs.Tab value="customer">{say("chat.about")}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="brief" p="md">
        {props.tab === "brief" && alerts(card) && <Reason card={card} />}
        {hasWords(brief) ? (
          <Brief shown={brief} canReply={props.canReply} onInsert={props.onInsert} onCite={props.onCite} />
        ) : (
          <Text size="sm">{say(props.awaited ? "app.loading" : "brief.none")}</Text>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="customer">
        <Customer card={card} onOpen={props.onOpen} />
      </Tabs.Panel>
    </Tabs>
  );
});

function Reason(props: { card: ChatCard }) {
  const { entries } = useEntries(props.card.chat_id);
  return <WhyInFull card={props.card} entries={entries} />;
}

/** What is known of the customer, and what the worker can do beside talking. */
const Customer = memo(function Customer(props: { card: ChatCard; onOpen: (id: string) => void }) {
  const { card } = props;
  const { say, language } = useWords();
  const history = useHistory(card.customer_id);
  const replies = useReplies();
  const records = useRecords(card.chat_id);
  const shop = useShopWords();
  const earlier = (history.data ?? []).filter((c) => c.chat_id !== card.chat_id);
  const [folded, setFolded] = useState<readonly string[]>([]);
  const parts = [...(records.data ?? []).map((record) => record.tool), "tools", "history"];
  const relabel = (labels: string[]) => {
    const add = labels.filter((l) => !card.labels.includes(l));
    const remove = card.labels.filter((l) => !labels.includes(l));
    if (add.length || remove.length) command(card, { type: "ChangeLabels", add, remove }).catch(showRefusal);
  };
  return (
    <Stack p="md" gap="md">
      <section aria-label={say("chat.about")}>
        <Text fw={600}>{customerWords(card, say)}</Text>
        <Group gap={6} mt={4}>
          <Badge variant="default" tt="none">
            {card.customer_asserted ? card.customer_id : say("chat.anonymous")}
          </Badge>
          <Badge variant="default">{languageWords(card.language, language)}</Badge>
          <Badge variant="default">{say(`channel.${card.channel === "web" ? "web" : "api"}`)}</Badge>
        </Group>
      </section>
      <TagsInput
        data-labels
        label={say("chat.labels")}
        placeholder={say("chat.addLabel")}
        data={replies.data?.labels ?? []}
        value={card.labels}
        onChange={relabel}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        size="sm"
      />
      <Accordion
        multiple
        value={parts.filter((part) => !folded.includes(part))}
        onChange={(open) => setFolded(parts.filter((part) => !open.includes(part)))}
        variant="separated"
        order={2}
        classNames={{ label: classes["part"] ?? "", content: classes["partBody"] ?? "" }}
      >
        {records.data?.map((record) => (
          <Accordion.Item value={record.tool} key={record.tool}>
            <Accordion.Control>{recordTitle(record.tool, say, shop)}</Accordion.Control>
            <Accordion.Panel>
              <CustomerRecord result={record.result} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
        <Accordion.Item value="tools">
          <Accordion.Control>{say("chat.tools")}</Accordion.Control>
          <Accordion.Panel>
            <Suspense>
              <ToolBox card={card} />
            </Suspense>
          </Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="history">
          <Accordion.Control>
            {say("chat.history")} ({earlier.length})
          </Accordion.Control>
          <Accordion.Panel>
            {earlier.length === 0 && <Text size="sm">{say("app.nothing")}</Text>}
            {earlier.slice(0, 10).map((chat) => (
              <PastChatRow key={chat.chat_id} chat={chat} say={say} onOpen={props.onOpen} />
            ))}
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
      <Button component={Link} to={`/replay/${encodeURIComponent(card.chat_id)}`} variant="subtle" size="compact-sm">
        {say("chat.replay")}
      </Button>
    </Stack>
  );
});

export function PastChatRow(props: { chat: PastChat; say: Say; onOpen: (id: string) => void }) {
  const { chat } = props;
  const shop = useShopWords();
  return (
    <UnstyledButton py={6} w="100%" onClick={() => props.onOpen(chat.chat_id)}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" fw={500} truncate>
          {chat.issue_class ? shop.code(chat.issue_class) : customerWords(chat, props.say)}
        </Text>
        <Text size="xs" style={{ whiteSpace: "nowrap" }}>
          <When us={chat.opened_us} />
        </Text>
      </Group>
      <Text size="xs">{endedWords(chat.disposition ?? chat.close_reason ?? "", props.say) || props.say(`episode.${chat.episode}`)}</Text>
    </UnstyledButton>
  );
}
