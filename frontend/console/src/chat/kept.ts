/**
 * What a tab keeps for the worker who is signed in: what was typed, and commands without an answer. It
 * outlasts a reload and a session that ran out, and nobody else who signs in on the same tab reads it.
 * Open tabs of the same worker tell each other what they keep; nothing of it is left once all are closed.
 */
const ALL = "stepin.kept/";
/** How it was kept before it was bound to a worker; nobody can say whose that is. */
const UNBOUND = /^stepin\.(draft|returned|unanswered)\./;

let owner = "";

type Told = { worker: string } & ({ asks: true } | { name: string; value: string | null });

const listeners = new Set<(name: string) => void>();
let channel: BroadcastChannel | null = null;

/** Run `then` with the name of whatever another tab has kept or forgotten, until the returned function is called. */
export function onKeptElsewhere(then: (name: string) => void): () => void {
  listeners.add(then);
  return () => listeners.delete(then);
}

function hear(told: Told): void {
  if (!owner || told.worker !== owner) return;
  if ("asks" in told) {
    for (const [name, value] of all()) tell({ worker: owner, name, value });
    return;
  }
  if (sessionStorage.getItem(keyOf(owner, told.name)) === told.value) return;
  put(told.name, told.value);
  for (const listener of listeners) listener(told.name);
}

const tell = (told: Told) => channel?.postMessage(told);

/** Everything that is kept for the owner, by name. */
function all(): [string, string][] {
  const names = Array.from({ length: sessionStorage.length }, (_, i) => sessionStorage.key(i) ?? "");
  const own = keyOf(owner, "");
  return names.filter((name) => name.startsWith(own)).map((name) => [name.slice(own.length), sessionStorage.getItem(name) ?? ""]);
}

function put(name: string, value: string | null): void {
  if (value === null) sessionStorage.removeItem(keyOf(owner, name));
  else sessionStorage.setItem(keyOf(owner, name), value);
}

const keyOf = (worker: string, name: string) => `${ALL}${encodeURIComponent(worker)}/${name}`;

/** A worker has signed in on this tab: what another one left here is forgotten. */
export function keepFor(worker: string): void {
  owner = worker;
  const names = Array.from({ length: sessionStorage.length }, (_, i) => sessionStorage.key(i) ?? "");
  for (const name of names) {
    if (UNBOUND.test(name) || (name.startsWith(ALL) && !name.startsWith(keyOf(worker, "")))) sessionStorage.removeItem(name);
  }
  if (typeof window === "undefined") return;
  channel ??= new BroadcastChannel("stepin.kept");
  channel.onmessage = (event: MessageEvent<Told>) => hear(event.data);
  tell({ worker, asks: true });
}

/** Whose things this tab keeps. */
export const keeper = () => owner;

/** What is kept under a name for a worker; nothing once somebody else has signed in. */
export function kept(worker: string, name: string): string | null {
  return worker === owner ? sessionStorage.getItem(keyOf(worker, name)) : null;
}

/** Keep a value, or forget it. An answer that comes after somebody else has signed in keeps nothing. */
export function keep(worker: string, name: string, value: string | null): void {
  if (worker !== owner) return;
  if (sessionStorage.getItem(keyOf(worker, name)) === value) return;
  put(name, value);
  tell({ worker, name, value });
}
