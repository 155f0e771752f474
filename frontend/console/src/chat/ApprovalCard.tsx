import { Button, Group, Text, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";

import type { ActionCard, ChatCard } from "../api/types";
import { useWords } from "../i18n";
import { Kbd, useKeyOf } from "../keys/Kbd";
import { Fields, inWords } from "../parts/Fields";
import { showRefusal } from "../parts/notify";
import { Elapsed } from "../parts/time";
import { sentenceOf } from "./approval";
import classes from "./chat.module.css";
import { command, type Wish } from "./commands";

const RANK = ["worker", "lead", "admin"];
/** For how long a first press on "Approve" waits for the second. */
const SURE_MS = 8_000;
/** From this height on there is room for the records beside the words that were said. */
const TALL = "(min-height: 640px)";

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
  /** What the customer has written since, as far as it is on the screen. */
  wrote: string;
  bind?: (handle: ApprovalHandle | null) => void;
}) {
  const { card, action, wrote, bind } = props;
  const { say } = useWords();
  const keyOf = useKeyOf();
  const tall = useMediaQuery(TALL, true, { getInitialValueInEffect: false });
  const [reason, setReason] = useState<string | null>(null);
  const [pressed, setPressed] = useState<"not" | "once" | "too late">("not");
  /** The customer's last message that stood here at the first press. */
  const [seen, setSeen] = useState(0);
  const [busy, setBusy] = useState(false);
  const row = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const may = RANK.indexOf(props.role) >= RANK.indexOf(action.approver_role);
  const since = action.customer_seq;
  const careful = action.risk === "irreversible" || action.risk === "money" || since > 0;
  const sure = pressed === "once" && seen === since;
  // Whoever pressed once hasn't read what has come since: it begins again.
  const overtaken = pressed === "once" && seen < since;

  const run = async (wish: Wish) => {
    setBusy(true);
    try {
      await command(card, wish);
    } catch (error) {
      showRefusal(error);
    } finally {
      setBusy(false);
      setPressed("not");
    }
  };
  const approve = () => {
    if (!may || busy) return;
    // Nobody approves by a key what they don't see: the first press brings it into view.
    const hidden = broughtIntoView(row.current);
    if (careful && !sure) {
      setSeen(since);
      return setPressed("once");
    }
    if (hidden) return;
    void run({ type: "ApproveAction", action_id: action.action_id, digest: action.digest, seen_seq: since });
  };
  const deny = () => {
    broughtIntoView(row.current);
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
    const timer = window.setTimeout(() => setPressed("too late"), SURE_MS);
    return () => window.clearTimeout(timer);
  }, [sure]);

  const [before = "", after = ""] = say("action.expires", { time: "\n" }).split("\n");
  return (
    <section className={classes["card"]} aria-label={`${say("cause.approval")} ${action.tool}`} data-action={action.action_id}>
      <div ref={row} className={classes["cardRow"]}>
        <Text component="h2" className={classes["ask"] ?? ""}>
          {sentenceOf(action, say)}
        </Text>
        {action.expires_at_us && (
          <Text size="sm" className={classes["expires"] ?? ""}>
            {before}
            <Elapsed sinceUs={action.expires_at_us} until />
            {after}
          </Text>
        )}
        <Group gap={8} wrap="nowrap">
          <Button
            size="compact-md"
            onClick={approve}
            loading={busy}
            disabled={!may}
            color={sure ? "alert.8" : "step"}
            {...keyOf("approve")}
          >
            {sure ? say("action.sure") : say("action.approve")} <Kbd of="approve" />
          </Button>
          <Button size="compact-md" variant="default" onClick={deny} disabled={busy} {...keyOf("deny")}>
            {say("action.deny")} <Kbd of="deny" />
          </Button>
        </Group>
      </div>
      {since > 0 && (
        <Text size="sm" role="status" fw={600} className={classes["wrote"] ?? ""} data-wrote={since}>
          {wrote ? say("action.wrote", { text: wrote }) : say("action.wroteUnseen")}
        </Text>
      )}
      {overtaken && (
        <Text size="sm" role="status" fw={500}>
          {say("action.overtaken")}
        </Text>
      )}
      {pressed === "too late" && (
        <Text size="sm" role="status" fw={500}>
          {say("action.lapsed")}
        </Text>
      )}
      {reason !== null && (
        <TextInput
          ref={field}
          mt={6}
          label={say("action.reason")}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") deny();
            if (event.key === "Escape") setReason(null);
          }}
        />
      )}
      <details className={classes["found"]} open={tall}>
        <summary>
          {say("action.details")} · {say("action.proposedBy", { who: props.proposer })}
          {action.approver_role !== "worker" && ` · ${say("action.role", { role: action.approver_role })}`}
        </summary>
        <div className={classes["foundBox"]}>
          <Fields of={together(action.arguments, action.records)} wide />
        </div>
      </details>
    </section>
  );
}

/** Scroll an element into view unless all of it is; return whether it had to be. */
function broughtIntoView(element: HTMLElement | null): boolean {
  const log = element?.closest("[role=log]")?.getBoundingClientRect();
  const own = element?.getBoundingClientRect();
  if (!element || !log || !own) return false;
  if (own.top >= log.top - 1 && own.bottom <= log.bottom + 1) return false;
  element.scrollIntoView({ block: "nearest" });
  return true;
}

/** What was asked for and what code found for it, field by field; both where they differ. */
function together(asked: Readonly<Record<string, unknown>>, found: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown: Record<string, unknown> = { ...asked, ...found };
  for (const [name, value] of Object.entries(asked)) {
    if (!(name in found) || inWords(found[name]) === inWords(value)) continue;
    // A bare number behind a thing would read as how many of it: it says which one.
    shown[name] = `${inWords(found[name])} (${typeof value === "number" ? `#${value}` : inWords(value)})`;
  }
  return shown;
}
