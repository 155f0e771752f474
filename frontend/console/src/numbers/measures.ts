import type { Schemas } from "../api/client";
import type { Shown } from "../parts/shown";
import type { NumbersWord } from "./words";

type Line = Schemas["MetricLine"];

export interface Measure {
  key: keyof Line;
  word: NumbersWord;
  of: (line: Line) => number | null;
  shown: (how: Shown) => (value: number | null) => string;
  /** The top of its scale, if it has one. */
  most?: number;
  /** Told only where no trial hides what depends on who held a chat. */
  byHolder?: boolean;
}

/** Containment never stands alone: its retrial is the next measure. */
export const MEASURES: readonly Measure[] = [
  { key: "chats", word: "chats", of: (l) => l.chats, shown: (s) => s.whole },
  { key: "first_reply_s", word: "firstReply", of: (l) => l.first_reply_s, shown: (s) => s.length },
  { key: "duration_s", word: "duration", of: (l) => l.duration_s, shown: (s) => s.length },
  { key: "attention_s", word: "attention", of: (l) => l.attention_s, shown: (s) => s.length },
  { key: "rating", word: "rating", of: (l) => l.rating, shown: (s) => s.tenth, most: 5 },
  { key: "response_share", word: "response", of: (l) => l.response_share, shown: (s) => s.share, most: 1 },
  { key: "retrial_share", word: "retrial", of: (l) => l.retrial_share, shown: (s) => s.share, most: 1 },
  { key: "alone_share", word: "alone", of: (l) => l.alone_share, shown: (s) => s.share, most: 1, byHolder: true },
  {
    key: "alone_retrial_share",
    word: "aloneRetrial",
    of: (l) => l.alone_retrial_share,
    shown: (s) => s.share,
    most: 1,
    byHolder: true,
  },
];
