import createClient from "openapi-fetch";

import { csrfToken, offline, refusalOf } from "./http";
import type { paths } from "./schema";

export type { Schemas } from "./types";

export const desk = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
});

desk.use({
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("x-csrf-token", csrfToken());
    return request;
  },
  onError: () => offline(),
});

/** What the server answered; its refusal is thrown. */
export async function told<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok || data === undefined) throw refusalOf(response, error);
  return data;
}
