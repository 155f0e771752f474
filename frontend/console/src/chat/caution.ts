import type { Entry, Schemas } from "../api/types";

/** The careful sentence that the desk suggested to this worker and that nothing was said after. */
export function cautionOf(entries: readonly Entry[], me: string): Schemas["ShownSuggestion"] | undefined {
  const at = entries.findLastIndex(
    (e) => e.kind === "SuggestionShown" && e.data["worker_id"] === me && String(e.data["source"]).startsWith("caution_"),
  );
  const data = entries[at]?.data;
  if (!data || entries.slice(at + 1).some((e) => e.kind === "MessagePosted" && e.actor === `worker:${me}`)) return undefined;
  return {
    suggestion_id: String(data["suggestion_id"]),
    kind: "empathy",
    text: String(data["text"]),
    source: String(data["source"]),
  };
}
