import { useQuery } from "@tanstack/react-query";

import { get } from "./http";
import type { Colleague, PastChat, Replies, ToolCard } from "./types";

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

export const useHistory = (customerId: string) =>
  useQuery({
    queryKey: ["history", customerId],
    queryFn: () =>
      get<{ chats: PastChat[] }>(`/api/customers/${encodeURIComponent(customerId)}/chats`).then(
        (r) => r.chats,
      ),
  });

export const useSearch = (text: string) =>
  useQuery({
    queryKey: ["search", text],
    queryFn: () =>
      get<{ chats: PastChat[] }>(`/api/search?text=${encodeURIComponent(text)}`).then((r) => r.chats),
    enabled: text.trim().length >= 2,
    staleTime: 10_000,
  });
