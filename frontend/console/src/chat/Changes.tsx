import type { Entry } from "../api/types";
import { type Say, useWords } from "../i18n";
import { useWorkers } from "../live/useWorkers";
import { workerName } from "../parts/names";

const MOST = 4;

/** What has happened in a chat since somebody last looked, in a few words. */
export function Changes(props: { entries: readonly Entry[] }) {
  const { say } = useWords();
  const workers = useWorkers();
  const told = props.entries.flatMap((entry) => words(entry, say, (id) => workerName(workers, id)) ?? []);
  if (!told.length) return null;
  return (
    <ul style={{ margin: "4px 0 0", paddingLeft: 18, fontSize: "var(--t-small)" }} data-testid="changes">
      {told.slice(-MOST).map((text, i) => (
        <li key={i}>{text}</li>
      ))}
    </ul>
  );
}

function words(entry: Entry, say: Say, nameOf: (id: string) => string): string | null {
  const data = entry.data as Record<string, string>;
  const [kind, id = ""] = entry.actor.split(":", 2);
  const who = kind === "worker" ? nameOf(id) : kind === "ai" ? say("chat.ai") : say("chat.customer");
  switch (entry.kind) {
    case "MessagePosted":
      return data["author"] === "system" ? null : `${who}: “${(data["text"] ?? "").slice(0, 80)}”`;
    case "HolderChanged": {
      const to = entry.data["to"] as { kind?: string; id?: string } | undefined;
      if (to?.kind === "worker") return say("changed.holder", { who: nameOf(to.id ?? "") });
      return say("changed.holder", { who: say(to?.kind === "ai" ? "chat.ai" : "chat.nobody") });
    }
    case "ChatClosed":
      return say("chat.closed");
    default:
      return entry.kind.startsWith("Action") ? say(`did.${entry.kind as "ActionProposed"}`) : null;
  }
}
