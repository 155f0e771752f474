import { useMemo } from "react";

import type { WorkerCard } from "../api/types";
import { useWords } from "../i18n";
import { useLive } from "./context";

/** Whom the desk doesn't name: in a trial, whose chats the AI holds is nobody else's business. */
const COLLEAGUE = "colleague";

/** The workers on the floor by id, with a word for the one who isn't named. */
export function useWorkers(): Readonly<Record<string, Pick<WorkerCard, "name" | "role">>> {
  const { say } = useWords();
  const workers = useLive((s) => s.floor.workers);
  return useMemo(() => ({ ...workers, [COLLEAGUE]: { name: say("chat.colleague"), role: "worker" } }), [workers, say]);
}
