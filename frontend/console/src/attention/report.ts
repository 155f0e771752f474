import { desk } from "../api/client";
import type { Schemas } from "../api/types";

declare const __UI_VERSION__: string;
const UI_VERSION = __UI_VERSION__;

type Attended = Schemas["AttentionReport"]["events"][number];

let last: Promise<unknown> = Promise.resolve();

/** Done when the desk has answered all that was reported until now. */
export const allReported = () => last;

/** Tell the desk what this worker looked at or began to write; nothing depends on its answer. */
export function report(events: Attended[]): void {
  const seen = events.map((event) => ({ ...event, ui_version: UI_VERSION }));
  // A page that is being left must still be able to say what was looked at.
  const sent = desk.POST("/api/attention", { body: { events: seen }, keepalive: true });
  last = Promise.allSettled([last, sent]);
}
