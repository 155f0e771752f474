import { VISITOR } from "./store";

/** Who the host site says is there: a signed token, nobody, or a function that asks the page. */
export type Identity = string | null | (() => string | null | undefined | Promise<string | null | undefined>);

const EARLY_S = 30;
const PATIENCE_MS = 10_000;

interface Claims {
  sub?: string;
  exp?: number;
}

/** There is no token to go on with, and the page gives no other: it has run out, or says nothing that holds. */
export class Lapsed extends Error {
  constructor(readonly why: "lapsed" | "unknown" = "unknown") {
    super();
  }
}

/** What a token says, unverified: it picks the place in this browser; the server looks at the rest. */
function claimsOf(token: string): Claims {
  try {
    const body = atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(body, (c) => c.charCodeAt(0)))) as Claims;
  } catch {
    return {};
  }
}

export function scopeOf(token: string | null): string {
  return token ? `id-${encodeURIComponent(claimsOf(token).sub ?? token)}` : VISITOR;
}

/** A page may answer with anything: only a text can be a token. */
function readable(token: string | null): string | null {
  if (token && typeof token !== "string") throw new Lapsed();
  return token;
}

/** Holds the token; asks the page's function for the first one, before the end of one, and on demand. */
export class WhoIsThere {
  token: string | null = null;
  private known = false;
  private asking: Promise<string | null> | null = null;

  constructor(readonly source: Identity) {
    if (typeof source !== "function") {
      this.token = source || null;
      this.known = true;
    }
  }

  get renewable(): boolean {
    return typeof this.source === "function";
  }

  /** The token now, null for a visitor. Throws `Lapsed` if the page's function fails, never answers or gives no text. */
  async ask(fresh = false): Promise<string | null> {
    const { source } = this;
    if (typeof source !== "function") return readable(this.token);
    const ends = this.token ? (claimsOf(this.token).exp ?? Infinity) : Infinity;
    if (this.known && !fresh && ends - EARLY_S > Date.now() / 1_000) return this.token;
    this.asking ??= this.renew(source).finally(() => (this.asking = null));
    return this.asking;
  }

  private async renew(source: () => ReturnType<Exclude<Identity, string | null>>): Promise<string | null> {
    let timer = 0;
    const late = new Promise<never>((_, no) => {
      timer = window.setTimeout(() => no(new Error()), PATIENCE_MS);
    });
    try {
      this.token = readable((await Promise.race([source(), late])) || null);
      this.known = true;
      return this.token;
    } catch {
      throw new Lapsed();
    } finally {
      clearTimeout(timer);
    }
  }
}
