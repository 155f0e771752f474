import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import type { Query } from "../app/search";
import { desk, told } from "./client";

const LONG = 300_000;

export const useReplies = () => useQuery({ queryKey: ["replies"], queryFn: () => told(desk.GET("/api/replies")), staleTime: LONG });

export const useTools = () => useQuery({ queryKey: ["tools"], queryFn: () => told(desk.GET("/api/tools")), staleTime: LONG });

/** What stands behind an action that waits: the limits, and what was done for the customer before. */
export const useBackground = (chat_id: string, action_id: string) =>
  useQuery({
    queryKey: ["background", chat_id, action_id],
    queryFn: () => told(desk.GET("/api/chats/{chat_id}/actions/{action_id}/background", { params: { path: { chat_id, action_id } } })),
    staleTime: LONG,
    retry: false,
  });

export const useColleagues = (enabled: boolean) =>
  useQuery({
    queryKey: ["colleagues"],
    queryFn: async () => (await told(desk.GET("/api/colleagues"))).workers,
    enabled,
  });

export const useRecords = (chat_id: string) =>
  useQuery({
    queryKey: ["records", chat_id],
    queryFn: async () => (await told(desk.GET("/api/chats/{chat_id}/records", { params: { path: { chat_id } } }))).records,
    staleTime: 60_000,
  });

export const useHistory = (customer_id: string) =>
  useQuery({
    queryKey: ["history", customer_id],
    queryFn: async () => (await told(desk.GET("/api/customers/{customer_id}/chats", { params: { path: { customer_id } } }))).chats,
  });

export const useSearch = (query: Query | null) =>
  useInfiniteQuery({
    queryKey: ["search", query],
    queryFn: ({ pageParam: before }) =>
      told(desk.GET("/api/search", { params: { query: before === 0 ? { ...query } : { ...query, before } } })),
    initialPageParam: 0,
    getNextPageParam: (page) => page.before,
    enabled: query !== null,
    staleTime: 10_000,
  });
