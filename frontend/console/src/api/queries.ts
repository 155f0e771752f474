import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { get } from "./http";
import type { Colleague, CustomerRecord, PastChat, Replies, Searched, ToolCard } from "./types";

const LONG = 300_000;

export const useReplies = () =>
  useQuery({ queryKey: ["replies"], queryFn: () => get<Replies>("/api/replies"), staleTime: LONG });

export const useTools = () =>
  useQuery({
    queryKey: ["tools"],
    queryFn: () => get<{ tools: ToolCard[] }>("/api/tools").then((r) => r.tools),
    staleTime: LONG,
  });

export const useColleagues = (enabled: boolean) =>
  useQuery({
    queryKey: ["colleagues"],
    queryFn: () => get<{ workers: Colleague[] }>("/api/colleagues").then((r) => r.workers),
    enabled,
  });

export const useRecords = (chatId: string) =>
  useQuery({
    queryKey: ["records", chatId],
    queryFn: () =>
      get<{ records: CustomerRecord[] }>(`/api/chats/${encodeURIComponent(chatId)}/records`).then((r) => r.records),
    staleTime: 60_000,
  });

export const useHistory = (customerId: string) =>
  useQuery({
    queryKey: ["history", customerId],
    queryFn: () =>
      get<{ chats: PastChat[] }>(`/api/customers/${encodeURIComponent(customerId)}/chats`).then(
        (r) => r.chats,
      ),
  });

export const useSearch = (text: string) =>
  useInfiniteQuery({
    queryKey: ["search", text],
    queryFn: ({ pageParam }) =>
      get<Searched>(`/api/search?text=${encodeURIComponent(text)}${pageParam === 0 ? "" : `&before=${pageParam}`}`),
    initialPageParam: 0,
    getNextPageParam: (page) => page.before,
    enabled: text.length >= 2,
    staleTime: 10_000,
  });
