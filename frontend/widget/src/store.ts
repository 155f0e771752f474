/**
 * What is kept in the browser, apart for each person who is there.
 *
 * A scope is a person: `visitor`, or `id-…` for one whom the host site has signed for. What was
 * kept in one scope is never read in another, and whoever comes next finds no key to a chat.
 */
export const VISITOR = "visitor";

const ROOT = "stepin:";
/** Who has taken the browser last, in any tab; without it a visitor. */
export const HERE = `${ROOT}here`;
/** What opens chats: it never outlasts the person who is there. */
const KEYS_TO_CHATS = ["chat", "visitor"];

/** The browser's storage; where it is refused (privacy mode, a sandboxed frame, full), memory. */
class Stored {
  private readonly memory = new Map<string, string>();
  private readonly kept: Storage | null = browserStorage();

  get(key: string): string | null {
    return this.memory.get(key) ?? this.kept?.getItem(key) ?? null;
  }

  set(key: string, value: string): void {
    try {
      if (!this.kept) throw new Error();
      this.kept.setItem(key, value);
      this.memory.delete(key);
    } catch {
      this.memory.set(key, value);
    }
  }

  remove(key: string): void {
    this.memory.delete(key);
    this.kept?.removeItem(key);
  }

  keys(): string[] {
    return [...this.memory.keys(), ...Object.keys(this.kept ?? {})].filter((key) => key.startsWith(ROOT));
  }
}

function browserStorage(): Storage | null {
  try {
    const { localStorage } = window;
    localStorage.setItem(ROOT, "");
    localStorage.removeItem(ROOT);
    return localStorage;
  } catch {
    return null;
  }
}

export class Kept {
  /** Empty until it is known who is there. */
  scope = "";
  /** Who had taken the browser when this tab last found out who is there. */
  seen = "";
  private readonly stored = new Stored();

  get here(): string {
    return this.stored.get(HERE) ?? VISITOR;
  }

  get<T>(name: string): T | null {
    try {
      return JSON.parse(this.stored.get(this.key(name)) ?? "null") as T | null;
    } catch {
      return null;
    }
  }

  /** Keep a value; nothing (null, an empty text) is removed. */
  put(name: string, value: unknown): void {
    if (value) this.stored.set(this.key(name), JSON.stringify(value));
    else this.stored.remove(this.key(name));
  }

  /** The names under a prefix. */
  names(prefix: string): string[] {
    return this.stored
      .keys()
      .map((key) => this.nameOf(key))
      .filter((name) => name?.startsWith(prefix)) as string[];
  }

  /** What a key of the storage is called here; null if it is somebody else's. */
  nameOf(key: string): string | null {
    return this.scope && key.startsWith(this.key("")) ? key.slice(this.key("").length) : null;
  }

  /**
   * Somebody is there: all that opens others' chats is forgotten, and a visitor's words too, since
   * the next visitor may be anybody. Says whether a visitor's chat was left behind. A tab that only
   * goes on as before beside another (`take` is false) takes nothing from anybody: each would else
   * take the browser from the other for ever.
   */
  enter(scope: string, take = true): boolean {
    let left = false;
    if (take) {
      if (scope === VISITOR) this.stored.remove(HERE);
      else this.stored.set(HERE, scope);
    }
    for (const key of take ? this.stored.keys() : []) {
      const [, owner, name] = key.split(":");
      if (name === undefined || owner === scope) continue;
      left ||= owner === VISITOR && name === "chat";
      if (owner === VISITOR || KEYS_TO_CHATS.includes(name)) this.stored.remove(key);
    }
    this.scope = scope;
    this.seen = this.here;
    this.takeOver();
    return left;
  }

  /** Forget everything of everybody. */
  forget(): void {
    for (const key of this.stored.keys()) this.stored.remove(key);
  }

  /** Whether the customer has closed the window: it then never opens by itself. */
  get closed(): boolean {
    return this.stored.get(`${ROOT}closed`) !== null;
  }

  set closed(closed: boolean) {
    if (closed) this.stored.set(`${ROOT}closed`, "1");
    else this.stored.remove(`${ROOT}closed`);
  }

  /** What was kept before it was kept apart: the chat may be anybody's, the visitor is a visitor's. */
  private takeOver(): void {
    const visitor = this.stored.get("stepin.visitor");
    this.stored.remove("stepin.chat");
    this.stored.remove("stepin.visitor");
    if (visitor && this.scope === VISITOR && !this.get("visitor")) this.stored.set(this.key("visitor"), visitor);
  }

  private key(name: string): string {
    return `${ROOT}${this.scope}:${name}`;
  }
}
