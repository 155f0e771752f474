import { Alert, Button, Group, Modal, Paper, Progress, SimpleGrid, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";

import { desk, told } from "../api/client";
import { useTools } from "../api/queries";
import type { ChatCard, Schemas } from "../api/types";
import shell from "../app/shell.module.css";
import { useWords } from "../i18n";
import { useLive } from "../live/context";
import { Initials } from "../parts/Initials";
import { customerWords } from "../parts/names";
import { showRefusal } from "../parts/notify";
import { lengthWords, nowUs, useTick } from "../parts/time";
import { useShopWords } from "../parts/useShopWords";
import classes from "./lead.module.css";

const alerted = (c: ChatCard) => !!c.escalation && ["raised", "alerted", "acknowledged"].includes(c.escalation.state);

/** The floor as a lead needs it. It says nothing about one person's attention or effort. */
export function LeadPage() {
  const { say } = useWords();
  useTick(1_000);
  const floor = useLive((s) => s.floor);
  const tools = useTools();
  const [asking, setAsking] = useState<{ name: string; stopped: boolean } | null>(null);
  const chats = Object.values(floor.chats);
  const waits = chats.filter((c) => c.episode !== "wrap_up").flatMap((c) => c.waiting_since_us ?? []);
  const oldest = waits.length ? (nowUs() - Math.min(...waits)) / 1e6 : 0;
  const since = (c: ChatCard) => c.waiting_since_us ?? Infinity;
  const first = (those: ChatCard[]) => [...those].sort((a, b) => since(a) - since(b) || a.opened_us - b.opened_us)[0];
  const open = chats.filter((c) => c.episode !== "wrap_up");
  const byAi = chats.filter((c) => c.holder.kind === "ai");
  const queued = chats.filter((c) => c.episode === "queued");
  const alerts = chats.filter(alerted);
  /** Each leads to the chat of it that waits longest. */
  const figures: [string | number, string, ChatCard | undefined][] = [
    [chats.length, say("lead.open"), first(chats)],
    [byAi.length, say("lead.byAi"), first(byAi)],
    [queued.length, say("lead.queued"), first(queued)],
    [alerts.length, say("lead.alerts"), first(alerts)],
    [lengthWords(oldest, say), say("lead.oldest"), first(open.filter((c) => c.waiting_since_us !== null))],
  ];
  const switches = ["ai", ...(tools.data?.tools ?? []).map((t) => `tool:${t.name}`)];
  return (
    <main className={shell["page"]} id="chat">
      <Stack gap="lg">
        <Title order={1} size="h2">
          {say("lead.title")}
        </Title>
        <SimpleGrid cols={{ base: 2, sm: 5 }}>
          {figures.map(([value, label, chat]) => (
            <Tile key={label} value={value} label={label} chat={chat} />
          ))}
        </SimpleGrid>
        <section>
          <Title order={2} size="h4" mb="xs">
            {say("lead.workers")}
          </Title>
          <Table>
            <Table.Tbody>
              {Object.values(floor.workers).map((w) => (
                <Table.Tr key={w.worker_id}>
                  <Table.Td>
                    <Group gap="xs" wrap="nowrap">
                      <Initials name={w.name} voice="worker" />
                      {w.name}
                    </Group>
                  </Table.Td>
                  <Table.Td>{say(`presence.${w.presence}`)}</Table.Td>
                  <Table.Td>{w.load && <LoadBar load={w.load} />}</Table.Td>
                  <Table.Td>{w.groups.join(", ")}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {Object.keys(floor.workers).length === 0 && <Text size="sm">{say("app.nothing")}</Text>}
        </section>
        <section>
          <Title order={2} size="h4" mb="xs">
            {say("lead.switches")}
          </Title>
          <Switch name="ai" stopped={!!floor.switches["ai"]} onAsk={setAsking} />
          <Title order={3} size="h6" mt="md" mb={6}>
            {say("lead.tools")}
          </Title>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={8} verticalSpacing={8}>
            {switches.slice(1).map((name) => (
              <Switch key={name} name={name} stopped={!!floor.switches[name]} onAsk={setAsking} />
            ))}
          </SimpleGrid>
        </section>
      </Stack>
      <SwitchDialog asking={asking} onClose={() => setAsking(null)} />
    </main>
  );
}

/** A figure, and where there is one the way to the chat that it is about. */
function Tile(props: { value: string | number; label: string; chat: ChatCard | undefined }) {
  const { say } = useWords();
  const { value, label, chat } = props;
  const inside = (
    <>
      <Text fz={24} fw={600} style={{ fontVariantNumeric: "tabular-nums" }}>
        {value}
      </Text>
      <Text size="sm">{label}</Text>
    </>
  );
  const look = { withBorder: true, p: "md", className: classes["tile"] ?? "", "data-tile": label } as const;
  if (!chat) return <Paper {...look}>{inside}</Paper>;
  return (
    <Paper {...look} component={Link} to={`/floor/${encodeURIComponent(chat.chat_id)}`} title={customerWords(chat, say)}>
      {inside}
    </Paper>
  );
}

function LoadBar(props: { load: Schemas["WorkerLoad"] }) {
  const { say } = useWords();
  const { cap, holds, supervises } = props.load;
  const capacity = cap ?? props.load.capacity;
  const words = say("lead.capacity", { held: holds, capacity, watched: supervises });
  return (
    <>
      <Progress
        value={capacity ? Math.min(100, (100 * holds) / capacity) : 0}
        color={holds >= capacity ? "alert.8" : "step"}
        size="sm"
        mb={4}
        maw={160}
        aria-label={words}
      />
      {words}
    </>
  );
}

function Switch(props: { name: string; stopped: boolean; onAsk: (asked: { name: string; stopped: boolean }) => void }) {
  const { say } = useWords();
  const { name, stopped } = props;
  const shop = useShopWords();
  const ai = name === "ai";
  return (
    <Paper withBorder px="sm" py={6} className={stopped ? (classes["stopped"] ?? "") : ""} data-switch={name}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" fw={ai || stopped ? 500 : 400}>
          {ai ? say("chat.ai") : shop.tool(name.slice(5))}
          {stopped ? ` · ${say("lead.stopped")}` : ""}
        </Text>
        <Button
          size="compact-sm"
          color={stopped ? "step" : "alarm.8"}
          variant={ai || stopped ? "filled" : "default"}
          onClick={() => props.onAsk({ name, stopped: !stopped })}
        >
          {say(ai ? (stopped ? "lead.startAi" : "lead.stopAi") : stopped ? "lead.start" : "lead.stop")}
        </Button>
      </Group>
    </Paper>
  );
}

function SwitchDialog(props: { asking: { name: string; stopped: boolean } | null; onClose: () => void }) {
  const { say } = useWords();
  const [why, setWhy] = useState("");
  const { asking } = props;
  const shop = useShopWords();
  return (
    <Modal
      closeButtonProps={{ "aria-label": say("app.close") }}
      opened={!!asking}
      onClose={props.onClose}
      title={asking ? (asking.name === "ai" ? say("chat.ai") : shop.tool(asking.name.slice(5))) : ""}
      centered
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!asking || !why.trim()) return;
          told(desk.POST("/api/switches", { body: { switch: asking.name, stopped: asking.stopped, why } })).catch(showRefusal);
          setWhy("");
          props.onClose();
        }}
      >
        {asking?.stopped && asking.name === "ai" && <Alert color="red" mb="sm" title={say("lead.stopAi")} />}
        <TextInput data-autofocus label={say("lead.why")} value={why} onChange={(e) => setWhy(e.currentTarget.value)} />
        <Group justify="flex-end" mt="md">
          <Button type="submit" disabled={!why.trim()} color={asking?.stopped ? "alarm.8" : "step"}>
            {asking?.stopped ? say("lead.stop") : say("lead.start")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
