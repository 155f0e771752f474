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

/** Where a console reports what its worker looked at. */
export const ATTENTION = "/api/attention";

let csrf = "";

export function setCsrf(token: string): void {
  csrf = token;
}

export const csrfToken = () => csrf;

export const offline = () => new Refusal(0, "offline", "The desk can't be reached.", "Check the connection.");

/** The refusal behind an answer's status and body. */
export function refusalOf(response: Response, body: unknown): Refusal {
  const said = ((body ?? {}) as { error?: Partial<Refusal> }).error ?? {};
  return new Refusal(
    response.status,
    said.code ?? "error",
    said.message ?? response.statusText,
    said.hint ?? "",
    said.fields ?? {},
  );
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      // A page that is being left must still be able to say what was looked at.
      keepalive: path === ATTENTION,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "GET" ? {} : { "x-csrf-token": csrf }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw offline();
  }
  const text = await response.text();
  const parsed: unknown = text ? safely(text) : null;
  if (!response.ok) throw refusalOf(response, parsed);
  return parsed as T;
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const get = <T>(path: string) => call<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}) => call<T>("POST", path, body);
