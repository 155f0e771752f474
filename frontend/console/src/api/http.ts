/** What the server says when it says no: see the tree of errors in the reference. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string,
    readonly fields: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

let csrf = "";

export function setCsrf(token: string): void {
  csrf = token;
}

export const csrfToken = () => csrf;

export const offline = () => new Refusal(0, "offline", "The desk can't be reached.", "Check the connection.");

/** The refusal behind an answer's status and body. */
export function refusalOf(response: Response, body: unknown): Refusal {
  const said = ((body ?? {}) as { error?: Partial<Refusal> }).error ?? {};
  return new Refusal(response.status, said.code ?? "error", said.message ?? response.statusText, said.hint ?? "", said.fields ?? {});
}

const SIGNED_OUT = "stepin.signedout";
const ANSWERED = "stepin.answered";

/** Tell the page that the desk has answered a command. */
export const deskAnswered = () => window.dispatchEvent(new Event(ANSWERED));

/** Run `then` whenever the desk has answered a command, until the returned function is called. */
export const onDeskAnswered = (then: () => void) => onEvent(ANSWERED, then);

/** Tell the page that the server knows this browser's session no longer. */
export const sessionEnded = () => window.dispatchEvent(new Event(SIGNED_OUT));

/** Run `then` when the session has ended, until the returned function is called. */
export const onSessionEnded = (then: () => void) => onEvent(SIGNED_OUT, then);

function onEvent(name: string, then: () => void): () => void {
  window.addEventListener(name, then);
  return () => window.removeEventListener(name, then);
}
