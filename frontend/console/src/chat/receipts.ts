import type { Entry } from "../api/types";

/** What became of a whisper: who whispers wants to know whether anybody has listened. */
export type Receipt =
  | { what: "waits" }
  | { what: "unread" }
  | { what: "reading" }
  | { what: "said"; seq: number }
  | { what: "nothing" | "withheld" | "failed" | "passed" };

const byAi = (entry: Entry) => entry.kind === "MessagePosted" && entry.data["author"] === "ai";

/**
 * What became of a whisper, from what happened after it. A turn has read it if it rests on it or on
 * something later; the first message of such a turn is the one that was said with it in mind.
 */
export function receiptOf(entries: readonly Entry[], whisper: Entry): Receipt {
  const turns = new Set<unknown>();
  let now: Receipt = { what: "waits" };
  for (const entry of entries) {
    if (entry.seq <= whisper.seq) continue;
    const { data } = entry;
    const ours = turns.has(data["turn_id"]);
    if (entry.kind === "TurnStarted" && Number(data["basis_seq"]) >= whisper.seq) {
      turns.add(data["turn_id"]);
      if (now.what === "waits") now = { what: "reading" };
    } else if (byAi(entry) && ours) return { what: "said", seq: entry.seq };
    else if (entry.kind === "DraftDiscarded" && ours) now = { what: "withheld" };
    else if (entry.kind === "TurnFailed" && ours) now = { what: "failed" };
    else if (entry.kind === "TurnFinished" && ours && now.what === "reading")
      now = { what: data["outcome"] === "gave_up" ? "passed" : "nothing" };
    else if (entry.kind === "HolderChanged" || entry.kind === "ChatClosed") {
      if (now.what === "waits") return { what: "unread" };
      return now.what === "reading" ? { what: "withheld" } : now;
    }
  }
  return now;
}
