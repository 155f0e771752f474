import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";

import { desk, told } from "../api/client";
import type { Entry } from "../api/types";
import { useInView, useLive } from "../live/context";
import { mergeEntries } from "../live/reduce";

const NONE: readonly Entry[] = [];
/** For how long a chat that is no longer looked at is remembered. */
const KEPT_MS = 60_000;

/** A chat's entries: those that the server had, and those that have come since. */
export function useEntries(chatId: string) {
  useInView(chatId);
  const live = useLive((s) => s.entries[chatId] ?? NONE);
  const view = useQuery({
    queryKey: ["chat", chatId],
    queryFn: () => told(desk.GET("/api/chats/{chat_id}", { params: { path: { chat_id: chatId } } })),
    refetchOnWindowFocus: false,
    gcTime: KEPT_MS,
  });
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
