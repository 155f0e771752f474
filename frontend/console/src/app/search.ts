import type { Say } from "../i18n";

/** What somebody looks for; what is empty doesn't matter. Days are this browser's. */
export interface Wanted {
  text: string;
  customer: string;
  state: "" | "queued" | "active" | "wrap_up" | "closed";
  label: string;
  since: string;
  until: string;
}

/** A search that is kept under the words of what it looks for. */
export interface View {
  wanted: Wanted;
}

export const NOTHING: Wanted = { text: "", customer: "", state: "", label: "", since: "", until: "" };

const LEAST = 2;
const DAY_MS = 86_400_000;

const midnight = (day: string, later: number): number => {
  const ms = new Date(`${day}T00:00:00`).getTime();
  return Number.isNaN(ms) ? 0 : (ms + later) * 1_000;
};

export interface Query {
  text?: string;
  customer?: string;
  state?: Exclude<Wanted["state"], "">;
  label?: string;
  since_us?: number;
  until_us?: number;
}

/** The question for the desk; null while there is nothing to ask for. A last day is meant whole. */
export function asked(wanted: Wanted): Query | null {
  const text = wanted.text.trim();
  const customer = wanted.customer.trim();
  const query: Query = {
    ...(text.length >= LEAST ? { text } : {}),
    ...(customer ? { customer } : {}),
    ...(wanted.state ? { state: wanted.state } : {}),
    ...(wanted.label ? { label: wanted.label } : {}),
    ...(wanted.since ? { since_us: midnight(wanted.since, 0) } : {}),
    ...(wanted.until ? { until_us: midnight(wanted.until, DAY_MS) } : {}),
  };
  return Object.keys(query).length ? query : null;
}

/** What a view is called: what it looks for. */
export function nameOf(wanted: Wanted, say: Say): string {
  return [
    wanted.text.trim() && `“${wanted.text.trim()}”`,
    wanted.customer.trim(),
    wanted.state && say(`episode.${wanted.state}`),
    wanted.label && `#${wanted.label}`,
    (wanted.since || wanted.until) && `${wanted.since}–${wanted.until}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
