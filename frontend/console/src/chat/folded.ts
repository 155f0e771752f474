import type { Entry } from "../api/types";
import type { Say } from "../i18n";
import { alertWords, reasonWords } from "../parts/names";

/** What the line of a flag says: what it is about, and the reason where that says more. */
export function flagWords(data: Readonly<Record<string, unknown>>, say: Say): string {
  const cause = String(data["cause"] ?? "");
  const about = alertWords({ cause, kind: data["kind"] }, say);
  return [`⚑ ${about}`, reasonWords(String(data["reason"] ?? ""), cause, say)].filter(Boolean).join(" — ");
}

const byCustomer = (entry: Entry) => entry.kind === "MessagePosted" && entry.data["author"] === "customer";

/**
 * The entries whose lines say more than those before them. One request may be flagged by the AI and
 * by a detector, each for itself: what the same message of the customer's led to is said once. And of a
 * turn that was cut off there is one draft, as far as it got: what was kept at the takeover gives way
 * to what the AI said after it, if that begins with the same words.
 */
export function withoutRepeats(entries: readonly Entry[], say: Say): readonly Entry[] {
  const left = new Set<Entry>();
  const drafts = new Map<unknown, Entry>();
  let flagged = new Set<string>();
  for (const entry of entries) {
    if (byCustomer(entry)) flagged = new Set();
    if (entry.kind === "FlagRaised") {
      const words = flagWords(entry.data, say);
      if (flagged.has(words)) left.add(entry);
      flagged.add(words);
    } else if (entry.kind === "DraftDiscarded" && !entry.redacted) {
      const turn = entry.data["turn_id"];
      const before = drafts.get(turn);
      const [text, kept] = [String(entry.data["text"] ?? ""), String(before?.data["text"] ?? "")];
      if (before && kept.startsWith(text)) left.add(entry);
      else {
        if (before && text.startsWith(kept)) left.add(before);
        drafts.set(turn, entry);
      }
    }
  }
  return left.size ? entries.filter((entry) => !left.has(entry)) : entries;
}
