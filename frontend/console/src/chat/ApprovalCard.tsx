import { Button, Group, Text, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";

import { useBackground } from "../api/queries";
import type { ActionCard, ChatCard } from "../api/types";
import { useWords } from "../i18n";
import { Kbd, useKeyOf } from "../keys/Kbd";
import { Fields } from "../parts/Fields";
import { showRefusal } from "../parts/notify";
import { inWords } from "../parts/shopWords";
import { Elapsed } from "../parts/time";
import { useShopWords } from "../parts/useShopWords";
import { likeIts, sentenceOf } from "./approval";
import classes from "./chat.module.css";
import { command, type Wish } from "./commands";

/** How many of what was done before are told in the card. */
const EARLIER = 2;
const RANK = ["worker", "lead", "admin"];
/** For how long a first press on "Approve" waits for the second. */
const SURE_MS = 8_000;
/** From this height on there is room for the limits and what was done before. */
const ROOMY = "(min-height: 600px)";
/** From this height on there is room for the records beside the words that were said. */
const TALL = "(min-height: 840px)";

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
  /** What the customer asked for, in their own words. */
  asked: string;
  bind?: (handle: ApprovalHandle | null) => void;
}) {
  const { card, action, wrote, bind } = props;
  const { say } = useWords();
  const keyOf = useKeyOf();
  const tall = useMediaQuery(TALL, true, { getInitialValueInEffect: false });
  const shop = useShopWords();
  const roomy = useMediaQuery(ROOMY, true, { getInitialValueInEffect: false });
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

  const who = (
    <>
      {say("action.proposedBy", { who: props.proposer })}
      {props.asked && (
        <>
          {": "}
          <q>{props.asked}</q>
        </>
      )}
    </>
  );
  const [before = "", after = ""] = say("action.expires", { time: "\n" }).split("\n");
  return (
    <section className={classes["card"]} aria-label={`${say("cause.approval")} ${action.tool}`} data-action={action.action_id}>
      <div ref={row} className={classes["cardRow"]}>
        <Text component="h2" className={classes["ask"] ?? ""}>
          {sentenceOf(action, say, shop)}
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
      {roomy && <p className={classes["behind"]}>{who}</p>}
      {roomy && <Behind card={card} action={action} />}
      {reason !== null && (
        <TextInput
          ref={field}
          mt={6}
          label={say("action.reason")}
          description={action.proposer.startsWith("ai:") ? say("action.reasonTold") : null}
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
          {say("action.details")}
          {!roomy && <> · {who}</>}
        </summary>
        <div className={classes["foundBox"]}>
          {!roomy && <Behind card={card} action={action} />}
          <Fields of={together(action.arguments, action.records)} wide />
        </div>
      </details>
    </section>
  );
}

/** Up to which sums somebody may say yes, and what was done before. */
function Behind(props: { card: ChatCard; action: ActionCard }) {
  const { action } = props;
  const { say } = useWords();
  const shop = useShopWords();
  const { data } = useBackground(props.card.chat_id, action.action_id);
  const role = say(`role.${action.approver_role as "worker"}`);
  const limit = data?.role_limit ?? null;
  const may = limit === null ? say("action.may", { role }) : say("action.mayUpTo", { role, sum: likeIts(action, limit) });
  const alone = data?.ai_limit ? say("action.aiUpTo", { sum: likeIts(action, data.ai_limit) }) : "";
  const earlier = data?.earlier ?? [];
  return (
    <div className={classes["behind"]}>
      <p className={classes["aside"]}>{[may, alone].filter(Boolean).join(" · ")}</p>
      {/* As high before it is known as after: nothing moves under a hand that is about to decide. */}
      <p className={classes["aside"]} data-earlier={data ? earlier.length : undefined}>
        {!data
          ? "…"
          : earlier.length === 0
            ? say("action.noneBefore")
            : `${say("action.before", { n: earlier.length })} ${earlier
                .slice(0, EARLIER)
                .map((one) => `${sentenceOf(one, say, shop)} (${say(`action.was.${one.state as "succeeded"}`)})`)
                .join("; ")}`}
      </p>
    </div>
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
