import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";

import { desk, told } from "../api/client";
import type { Entry } from "../api/types";
import { useInView, useLive } from "../live/context";
import { mergeEntries } from "../live/reduce";

const NONE: readonly Entry[] = [];
/** For how long a chat that is no longer looked at is remembered. */
const KEPT_MS = 60_000;

const viewOf = (chatId: string) => ({
  queryKey: ["chat", chatId],
  queryFn: () => told(desk.GET("/api/chats/{chat_id}", { params: { path: { chat_id: chatId } } })),
  gcTime: KEPT_MS,
});

/** What is read ahead is fresh enough to be shown at once; once it is open it is read again. */
const FRESH_MS = 15_000;
/** Nobody waits for what is read ahead: it lets what somebody waits for go first. */
const LATER_MS = 150;

/** Read ahead the chats that are likely to be opened next: their words are there when they are. */
export function usePreloaded(chatIds: readonly (string | undefined)[]): void {
  const queries = useQueryClient();
  const ids = [...new Set(chatIds)].filter((id) => id !== undefined).join(" ");
  useEffect(() => {
    const timer = window.setTimeout(() => {
      for (const id of ids.split(" ").filter(Boolean)) void queries.prefetchQuery({ ...viewOf(id), staleTime: FRESH_MS });
    }, LATER_MS);
    return () => window.clearTimeout(timer);
  }, [queries, ids]);
}

/** A chat's entries: those that the server had, and those that have come since. */
export function useEntries(chatId: string) {
  useInView(chatId);
  const live = useLive((s) => s.entries[chatId] ?? NONE);
  const view = useQuery({ ...viewOf(chatId), refetchOnWindowFocus: false });
  const { refetch } = view;
  const snapshots = useLive((s) => s.snapshots);
  const read = useRef(snapshots);
  useEffect(() => {
    if (read.current !== snapshots) void refetch();
    read.current = snapshots;
  }, [snapshots, refetch]);
  const entries = useMemo(() => mergeEntries(view.data?.entries ?? NONE, live), [view.data, live]);
  return { entries, card: view.data?.card, loading: view.isPending, error: view.error, retry: refetch };
}
