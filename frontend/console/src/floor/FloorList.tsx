import { Text } from "@mantine/core";
import { useCallback, useEffect, useRef } from "react";

import { useWords } from "../i18n";
import { useWorkers } from "../live/useWorkers";
import { workerName } from "../parts/names";
import { useShopWords } from "../parts/useShopWords";
import { ChatRow } from "./ChatRow";
import classes from "./floor.module.css";
import { type Section, type Waits, waitWords } from "./sections";

export interface FloorListProps {
  sections: Section[];
  me: string;
  selected: string | null;
  /** Whether the AI may hold this worker's chats: else there is nothing of it to show. */
  supervision: boolean;
  waits: Waits;
  /** How many chats have changed their place since the list stands still. */
  behind: number;
  onOpen: (chatId: string) => void;
}

const EMPTY = { needs: "section.needsEmpty", ai: "section.aiEmpty", yours: "section.yoursEmpty" } as const;

/** The floor in sections; rows that enter "needs you" flash once and nothing else moves. */
export function FloorList(props: FloorListProps) {
  const { say } = useWords();
  const workers = useWorkers();
  const shop = useShopWords();
  const nameOf = useCallback((id: string) => workerName(workers, id), [workers]);
  const known = useRef<Set<string> | null>(null);
  const needs = props.sections.find((s) => s.name === "needs")?.chats ?? [];
  const fresh = new Set(known.current ? needs.map((c) => c.chat_id).filter((id) => !known.current?.has(id)) : []);
  useEffect(() => {
    known.current = new Set(needs.map((c) => c.chat_id));
  });
  let number = 0;
  return (
    <nav aria-label={say("app.floor")}>
      {props.sections
        .filter((s) => s.chats.length > 0 || (s.name in EMPTY && (s.name !== "ai" || props.supervision)))
        .map((section) => (
          <section key={section.name} data-section={section.name} aria-label={say(`section.${section.name}`)}>
            <h2 className={classes["heading"]}>
              {say(`section.${section.name}`)} {section.chats.length > 0 && `(${section.chats.length})`}
            </h2>
            {section.chats.length === 0 && section.name in EMPTY && (
              <Text size="sm" px={12} pb={8} className={classes["quiet"] ?? ""}>
                {section.name === "needs" && (props.waits.own || props.waits.others || props.waits.queued)
                  ? `${waitWords(props.waits, say)}.`
                  : say(EMPTY[section.name as keyof typeof EMPTY])}
              </Text>
            )}
            <ul className={classes["rows"]}>
              {section.chats.map((card) => (
                <li key={card.chat_id} className={section.name === "needs" && fresh.has(card.chat_id) ? classes["enter"] : ""}>
                  <ChatRow
                    card={card}
                    me={props.me}
                    number={++number}
                    selected={card.chat_id === props.selected}
                    onOpen={props.onOpen}
                    nameOf={nameOf}
                    topic={card.issue_class ? shop.code(card.issue_class) : ""}
                  />
                </li>
              ))}
            </ul>
          </section>
        ))}
      {props.behind > 0 && (
        <p className={classes["held"]} role="status">
          {say(props.behind === 1 ? "list.heldOne" : "list.held", { n: props.behind })}
        </p>
      )}
    </nav>
  );
}
