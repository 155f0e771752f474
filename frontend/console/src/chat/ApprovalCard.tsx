import { Badge, Button, Group, Text, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import type { ActionCard, ChatCard } from "../api/types";
import { useWords } from "../i18n";
import { showRefusal } from "../parts/notify";
import { Elapsed } from "../parts/time";
import classes from "./chat.module.css";
import { command } from "./commands";

export interface ApprovalHandle {
  approve: () => void;
  deny: () => void;
}

/** A proposed action with the records that code resolved, never the model's prose. */
export function ApprovalCard(props: {
  card: ChatCard;
  action: ActionCard;
  bind?: (handle: ApprovalHandle | null) => void;
}) {
  const { card, action, bind } = props;
  const { say } = useWords();
  const [reason, setReason] = useState<string | null>(null);
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const careful = action.risk === "irreversible" || action.risk === "money";

  const run = async (type: "ApproveAction" | "DenyAction", body: Record<string, unknown>) => {
    setBusy(true);
    try {
      await command(card, type, { action_id: action.action_id, ...body });
    } catch (error) {
      showRefusal(error);
    } finally {
      setBusy(false);
      setSure(false);
    }
  };
  const approve = () => {
    if (careful && !sure) return setSure(true);
    void run("ApproveAction", { digest: action.digest });
  };
  const deny = () => {
    if (reason === null) setReason("");
    else void run("DenyAction", { reason });
  };
  useEffect(() => {
    if (reason !== null) field.current?.focus();
  }, [reason]);
  useEffect(() => {
    bind?.({ approve, deny });
    return () => bind?.(null);
  });
  useEffect(() => {
    if (!sure) return;
    const timer = window.setTimeout(() => setSure(false), 5_000);
    return () => window.clearTimeout(timer);
  }, [sure]);

  return (
    <section className={classes["card"]} aria-label={`${say("cause.approval")} ${action.tool}`} data-action={action.action_id}>
      <Group justify="space-between">
        <Group gap={8}>
          <Badge color="grape.8" variant="filled">
            {say("cause.approval")}
          </Badge>
          <Text fw={650}>{action.tool.replaceAll("_", " ")}</Text>
        </Group>
        {action.expires_at_us && (
          <Text size="sm">
            {say("action.expires", { time: "" })}
            <Elapsed sinceUs={action.expires_at_us} until />
          </Text>
        )}
      </Group>
      <dl className={classes["records"]}>
        {[...Object.entries(action.arguments), ...Object.entries(action.records)].map(([name, value], i) => (
          <div key={i} style={{ display: "contents" }}>
            <dt>{name.replaceAll("_", " ")}</dt>
            <dd>{recordWords(value)}</dd>
          </div>
        ))}
      </dl>
      <Text size="xs" mb={8}>
        {say("action.proposedBy", { who: action.proposer.split(":")[0] === "ai" ? say("chat.ai") : action.proposer })}
        {action.approver_role !== "worker" && ` · ${say("action.role", { role: action.approver_role })}`}
      </Text>
      {reason !== null && (
        <TextInput
          ref={field}
          mb={8}
          label={say("action.reason")}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") deny();
            if (event.key === "Escape") setReason(null);
          }}
        />
      )}
      <Group gap={8}>
        <Button size="sm" onClick={approve} loading={busy} aria-keyshortcuts="y">
          {sure ? say("action.sure") : say("action.approve")} <Kbd>Y</Kbd>
        </Button>
        <Button size="sm" variant="default" onClick={deny} disabled={busy} aria-keyshortcuts="x">
          {say("action.deny")} <Kbd>X</Kbd>
        </Button>
      </Group>
    </section>
  );
}

/** A resolved value in words: what a record holds, field by field. */
function recordWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(recordWords).join("; ");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${name.replaceAll("_", " ")}: ${recordWords(part)}`)
    .join(" · ");
}

export function Kbd(props: { children: string }) {
  return (
    <kbd
      aria-hidden
      style={{ marginLeft: 8, padding: "0 5px", borderRadius: 4, border: "1px solid currentColor", fontSize: 11 }}
    >
      {props.children}
    </kbd>
  );
}
