/**
 * What a tab keeps for the worker who is signed in: what was typed, and commands without an answer. It
 * outlasts a reload and a session that ran out, and nobody else who signs in on the same tab reads it.
 */
const ALL = "stepin.kept/";
/** How it was kept before it was bound to a worker; nobody can say whose that is. */
const UNBOUND = /^stepin\.(draft|returned|unanswered)\./;

let owner = "";

const keyOf = (worker: string, name: string) => `${ALL}${encodeURIComponent(worker)}/${name}`;

/** A worker has signed in on this tab: what another one left here is forgotten. */
export function keepFor(worker: string): void {
  owner = worker;
  const names = Array.from({ length: sessionStorage.length }, (_, i) => sessionStorage.key(i) ?? "");
  for (const name of names) {
    if (UNBOUND.test(name) || (name.startsWith(ALL) && !name.startsWith(keyOf(worker, "")))) sessionStorage.removeItem(name);
  }
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
  if (value === null) sessionStorage.removeItem(keyOf(worker, name));
  else sessionStorage.setItem(keyOf(worker, name), value);
}
