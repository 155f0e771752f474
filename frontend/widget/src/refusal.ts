import { Lapsed } from "./identity";

/** The desk said no. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly fields: Record<string, unknown>,
  ) {
    super(code);
  }
}

/** Somebody else is there, or the chat isn't theirs any more: begin again from what is known now. */
export class Moved extends Error {}

/** Only what the desk calls expired has run out. */
export function lapsedBy(error: unknown): Lapsed {
  return new Lapsed((error as Partial<Refused>).code === "token_expired" ? "lapsed" : "unknown");
}
