import { memo } from "react";

import type { Entry } from "../api/types";
import { type Say, useWords } from "../i18n";
import { Fields } from "../parts/Fields";
import { endedWords } from "../parts/names";
import { When } from "../parts/time";
import { useShopWords } from "../parts/useShopWords";
import classes from "./chat.module.css";
import { flagWords } from "./folded";
import type { Receipt } from "./receipts";

interface LineProps {
  entry: Entry;
  /** Of a proposed action: the last thing that happened to it. */
  outcome?: Entry | undefined;
  /** Of a whisper: what became of it. */
  receipt?: Receipt | undefined;
  onReveal?: ((seq: number) => void) | undefined;
  me: string;
  workers: Readonly<Record<string, { name: string }>>;
}

function nameOf(actor: string, props: LineProps, say: Say): string {
  const [kind, id = ""] = actor.split(":", 2);
  if (kind === "customer") return say("chat.customer");
  if (kind === "ai") return say("chat.ai");
  if (kind === "worker") return id === props.me ? say("chat.you") : (props.workers[id]?.name ?? id);
  return "";
}

/** One line of the chat. Customer, AI, you and whispers differ in place, colour and word. */
export const EntryLine = memo(function EntryLine(props: LineProps) {
  const { say } = useWords();
  const { entry } = props;
  const data = entry.data as Record<string, string>;
  const who = nameOf(entry.actor, props, say);
  const bubble = (kind: string, label: string, text: string) => (
    <li className={`${classes["bubble"]} ${classes[kind]}`} data-kind={kind} data-seq={entry.seq}>
      <span className={classes["who"]}>
        {label} · <When us={entry.at_us} />
      </span>
      {text}
    </li>
  );
  const system = (text: string) => (
    <li className={`${classes["bubble"]} ${classes["system"]}`} data-kind="system" data-seq={entry.seq}>
      {text} · <When us={entry.at_us} />
    </li>
  );
  switch (entry.kind) {
    case "MessagePosted":
      if (data["visibility"] === "note") return bubble("note", `${who} · ${say("chat.noted")}`, data["text"] ?? "");
      if (data["author"] === "system") return system(data["text"] ?? "");
      return bubble(data["author"] ?? "customer", who, data["text"] ?? "");
    case "WhisperSent":
      return (
        <li className={`${classes["bubble"]} ${classes["whisper"]}`} data-kind="whisper" data-seq={entry.seq}>
          <span className={classes["who"]}>
            {who} · {say("chat.whispered")} · <When us={entry.at_us} />
          </span>
          {data["text"]}
          <ReceiptLine receipt={props.receipt} onReveal={props.onReveal} />
        </li>
      );
    case "DraftDiscarded":
      return bubble("discarded", `${say("chat.ai")} · ${say("chat.discarded")}`, data["text"] ?? "");
    case "HolderChanged": {
      const to = entry.data["to"] as { kind?: string; id?: string } | undefined;
      const name =
        to?.kind === "ai" ? say("chat.ai") : to?.kind === "worker" ? (props.workers[to.id ?? ""]?.name ?? to.id ?? "") : say("chat.nobody");
      const note = data["note"] ? ` — ${data["note"]}` : "";
      return system(`→ ${name}${note}`);
    }
    case "FlagRaised":
      return system(flagWords(data, say));
    case "ActionProposed":
      return <ToolLine entry={entry} outcome={props.outcome} who={who} />;
    case "LabelsChanged": {
      const added = (entry.data["added"] as string[] | undefined) ?? [];
      const removed = (entry.data["removed"] as string[] | undefined) ?? [];
      return system([...added.map((l) => `+${l}`), ...removed.map((l) => `−${l}`)].join("  "));
    }
    case "WrapUpStarted":
      return system(say("chat.wrapUp"));
    case "ChatClosed":
      return system(`${say("chat.closed")} ${endedWords(data["disposition"] ?? data["reason"] ?? "", say)}`);
    default:
      return null;
  }
});

/** Whether the AI has read a whisper, and what came of it. */
function ReceiptLine(props: { receipt: Receipt | undefined; onReveal: ((seq: number) => void) | undefined }) {
  const { say } = useWords();
  const { receipt } = props;
  if (!receipt) return null;
  return (
    <span className={classes["receipt"]} data-receipt={receipt.what}>
      {receipt.what === "said" ? (
        <>
          {say("receipt.said")}{" "}
          <button type="button" className={classes["cite"]} onClick={() => props.onReveal?.(receipt.seq)}>
            {say("receipt.show")}
          </button>
        </>
      ) : (
        say(`receipt.${receipt.what}`)
      )}
    </span>
  );
}

const MARK: Record<string, string> = {
  ActionProposed: "…",
  ActionApproved: "…",
  ActionEdited: "…",
  ActionStarted: "…",
  ActionSucceeded: "✓",
  ActionFailed: "✗",
  ActionUnknown: "?",
  ActionDenied: "✗",
  ActionExpired: "×",
  ActionReconciled: "≈",
};

/** A tool call in one line, folded: what was asked, by whom, and what came of it. */
function ToolLine(props: { entry: Entry; outcome: Entry | undefined; who: string }) {
  const { say } = useWords();
  const { entry, outcome = entry, who } = props;
  const shop = useShopWords();
  const said = outcome.data["result"] ?? outcome.data["message"] ?? outcome.data["reason"] ?? outcome.data["detail"];
  return (
    <li className={classes["tool"]} data-kind="tool" data-seq={entry.seq} data-outcome={outcome.kind}>
      <details>
        <summary>
          <span aria-hidden>{MARK[outcome.kind]}</span> {shop.tool(String(entry.data["tool"] ?? ""))} ·{" "}
          {say(outcome.data["reason"] === "withdrawn" ? "did.withdrawn" : `did.${outcome.kind as "ActionProposed"}`)}
          {who && ` · ${who}`} · <When us={outcome.at_us} />
        </summary>
        <Fields of={(entry.data["arguments"] as Record<string, unknown> | undefined) ?? {}} />
        {typeof said === "object" && said !== null ? (
          <Fields of={said as Record<string, unknown>} />
        ) : (
          said !== undefined && <p className={classes["said"]}>{String(said)}</p>
        )}
      </details>
    </li>
  );
}
