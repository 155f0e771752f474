/** What a customer sees of a chat, and how an update changes it. */

export interface Message {
  seq: number;
  at_us: number;
  author: "customer" | "ai" | "worker" | "system";
  text: string;
  name?: string;
}

export interface Chat {
  chat_id: string;
  state: "waiting" | "active" | "ended";
  speaker: "nobody" | "ai" | "worker";
  speaker_name: string;
  rating_invited: boolean;
  rating: number | null;
}

export interface View {
  seq: number;
  chat: Chat | null;
  messages: Message[];
}

export interface Update {
  seq: number;
  chat?: Chat;
  messages?: Message[];
}

export const EMPTY: View = { seq: 0, chat: null, messages: [] };

/** Replace what an update carries; one that was seen already changes nothing. */
export function reduce(view: View, update: Update): View {
  if (update.seq <= view.seq) return view;
  const bySeq = new Map(view.messages.map((m) => [m.seq, m]));
  for (const message of update.messages ?? []) bySeq.set(message.seq, message);
  return {
    seq: update.seq,
    chat: update.chat ?? view.chat,
    messages: [...bySeq.values()].sort((a, b) => a.seq - b.seq),
  };
}
