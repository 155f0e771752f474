import type { Schemas } from "../api/types";

export type Reply = Schemas["CannedReply"];

/** Replies in the chat's language; all, where there are none in it. */
export function fitting(all: readonly Reply[], language: string): readonly Reply[] {
  const own = all.filter((r) => language.startsWith(r.language ?? "en"));
  return own.length ? own : all;
}

/** A canned reply with both names in it; where the customer has none, its place closes up. */
export function filledFor(text: string, customer: string, worker: string): string {
  const named = customer ? text.replaceAll("{customer}", customer) : text.replace(/ ?\{customer\}/g, "");
  return named.replaceAll("{worker}", worker);
}

/** What is typed behind a slash at the beginning of a field and nothing else; null while that isn't so. */
export const shortCode = (text: string): string | null => /^\/([^\s/]*)$/.exec(text)?.[1]?.toLowerCase() ?? null;

/** The replies that a short code may mean, the one that it is first; a word of the title does as well. */
export function meantBy(code: string, replies: readonly Reply[]): Reply[] {
  const starts = (text: string) => text.toLowerCase().startsWith(code);
  const rank = (r: Reply) => {
    if (r.short === code && code) return 0;
    if (r.short && starts(r.short)) return 1;
    return r.title.split(/\s+/).some(starts) || r.title.toLowerCase().includes(code) ? 2 : 3;
  };
  return replies.filter((r) => rank(r) < 3).sort((a, b) => rank(a) - rank(b));
}

/** Whether a reply does more than say something. */
export const isMacro = (r: Reply): boolean => !!(r.labels?.length || r.note || r.close);
