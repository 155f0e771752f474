import { desk } from "../api/client";
import type { Schemas } from "../api/types";

declare const __UI_VERSION__: string;
const UI_VERSION = __UI_VERSION__;

type Attended = Schemas["AttentionReport"]["events"][number];

/** Tell the desk what this worker looked at or began to write; nothing depends on its answer. */
export function report(events: Attended[]): void {
  const seen = events.map((event) => ({ ...event, ui_version: UI_VERSION }));
  // A page that is being left must still be able to say what was looked at.
  desk.POST("/api/attention", { body: { events: seen }, keepalive: true }).catch(() => undefined);
}
