/** A chat, and the token that opens it. */
export interface Place {
  chat_id: string;
  token: string;
  expires_s: number;
  text_chars: number;
}

export interface Opened extends Place {
  seq: number;
}

export interface Returned {
  chats: Opened[];
  visitor: string | null;
  text_chars: number;
}

export function path(place: Place, rest: string): string {
  return `/api/customer/chats/${place.chat_id}${rest}`;
}
