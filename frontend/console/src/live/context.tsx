import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";

import { type LiveState, LiveStore } from "./store";

const Live = createContext<LiveStore | null>(null);

export function LiveProvider(props: { children: ReactNode }) {
  const [store] = useState(() => new LiveStore());
  useEffect(() => store.start(), [store]);
  return <Live.Provider value={store}>{props.children}</Live.Provider>;
}

/** The part of the live state that `select` returns; it must return the same object if unchanged. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

/** Keep what comes in a chat for as long as the component shows it. */
export function useInView(chatId: string): void {
  const store = useStore();
  useEffect(() => store.view(chatId), [store, chatId]);
}

function useStore(): LiveStore {
  const store = useContext(Live);
  if (!store) throw new Error("useLive outside LiveProvider");
  return store;
}
