import { Badge, Button, Group, Text, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import type { ActionCard, ChatCard } from "../api/types";
import { useWords } from "../i18n";
import { Kbd, useKeyOf } from "../keys/Kbd";
import { Fields, inWords, plain } from "../parts/Fields";
import { showRefusal } from "../parts/notify";
import { Elapsed } from "../parts/time";
import classes from "./chat.module.css";
import { command, type Wish } from "./commands";

const RANK = ["worker", "lead", "admin"];

export interface ApprovalHandle {
  approve: () => void;
  deny: () => void;
}

/** A proposed action with the records that code resolved, never the model's prose. */
export function ApprovalCard(props: {
  card: ChatCard;
  action: ActionCard;
  role: string;
  /** Who proposed it, in words. */
  proposer: string;
  bind?: (handle: ApprovalHandle | null) => void;
}) {
  const { card, action, bind } = props;
  const { say } = useWords();
  const keyOf = useKeyOf();
  const [reason, setReason] = useState<string | null>(null);
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const may = RANK.indexOf(props.role) >= RANK.indexOf(action.approver_role);
  const careful = action.risk === "irreversible" || action.risk === "money";

  const run = async (wish: Wish) => {
    setBusy(true);
    try {
      await command(card, wish);
    } catch (error) {
      showRefusal(error);
    } finally {
      setBusy(false);
      setSure(false);
    }
  };
  const approve = () => {
    if (!may) return;
    if (careful && !sure) return setSure(true);
    void run({ type: "ApproveAction", action_id: action.action_id, digest: action.digest });
  };
  const deny = () => {
    if (reason === null) setReason("");
    else void run({ type: "DenyAction", action_id: action.action_id, reason });
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
          <Text fw={650}>{plain(action.tool)}</Text>
        </Group>
        {action.expires_at_us && (
          <Text size="sm">
            {say("action.expires", { time: "" })}
            <Elapsed sinceUs={action.expires_at_us} until />
          </Text>
        )}
      </Group>
      <Fields of={together(action.arguments, action.records)} wide />
      <Text size="xs" mb={8}>
        {say("action.proposedBy", { who: props.proposer })}
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
        <Button size="sm" onClick={approve} loading={busy} disabled={!may} color={sure ? "alert.8" : "step"} {...keyOf("approve")}>
          {sure ? say("action.sure") : say("action.approve")} <Kbd of="approve" />
        </Button>
        <Button size="sm" variant="default" onClick={deny} disabled={busy} {...keyOf("deny")}>
          {say("action.deny")} <Kbd of="deny" />
        </Button>
      </Group>
    </section>
  );
}

/** What was asked for and what code found for it, field by field; both where they differ. */
function together(asked: Readonly<Record<string, unknown>>, found: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown: Record<string, unknown> = { ...asked, ...found };
  for (const [name, value] of Object.entries(asked)) {
    if (name in found && inWords(found[name]) !== inWords(value)) shown[name] = `${inWords(found[name])} (${inWords(value)})`;
  }
  return shown;
}
