import { Center, Loader } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";

import type { SignedIn } from "../api/types";
import { useAttention } from "../attention/useAttention";
import { useLooking } from "../chat/Colleagues";
import { usePreloaded } from "../chat/useEntries";
import { useWords } from "../i18n";
import { useKeys } from "../keys/useKeys";
import { useLive } from "../live/context";
import { Divider, usePulled } from "../parts/Divider";
import { AlertBell } from "./AlertBell";
import { FloorList } from "./FloorList";
import classes from "./floor.module.css";
import { NoChat } from "./NoChat";
import { fetchBeside, OpenChat } from "./OpenChat";
import { arrange, held, outOfPlace, type Section, whoWaits } from "./sections";
import { wishToSee } from "./speed";
import { usePointing } from "./usePointing";

export function FloorPage(props: { me: SignedIn }) {
  const me = props.me.worker_id;
  const { say } = useWords();
  const navigate = useNavigate();
  const { chatId = null } = useParams();
  const chats = useLive((s) => s.floor.chats);
  const ready = useLive((s) => s.ready);
  const list = useRef<HTMLDivElement>(null);
  const side = useRef<HTMLElement>(null);
  const { pointing, ...hand } = usePointing();
  const arranged = useRef<{ of: typeof chats | null; held: boolean; sections: Section[] }>({ of: null, held: false, sections: [] });
  if (arranged.current.of !== chats || arranged.current.held !== pointing) {
    const before = arranged.current.sections;
    const sections = pointing && before.length ? held(before, chats) : arrange(Object.values(chats), me, before);
    arranged.current = { of: chats, held: pointing, sections };
  }
  const { sections } = arranged.current;
  const behind = pointing ? outOfPlace(sections, Object.values(chats), me) : 0;
  const waits = whoWaits(sections, me);
  const [last, setLast] = useState(chatId ? chats[chatId] : undefined);
  const card = chatId ? (chats[chatId] ?? (last?.chat_id === chatId ? last : undefined)) : undefined;
  useEffect(() => {
    if (chatId && chats[chatId]) setLast(chats[chatId]);
  }, [chatId, chats]);
  useEffect(fetchBeside, []);
  useAttention(card?.chat_id ?? null);
  useLooking(card && chats[card.chat_id] ? card.chat_id : null);
  const columns = usePulled();

  const rows = sections.flatMap((s) => s.chats.map((c) => c.chat_id));
  /** Where the last key went: the next one may come before the page has followed. */
  const here = useRef(chatId);
  useEffect(() => {
    here.current = chatId;
  }, [chatId]);
  const open = useCallback(
    (id: string) => {
      here.current = id;
      wishToSee(id);
      void navigate(`/floor/${encodeURIComponent(id)}`);
    },
    [navigate],
  );
  const onFloor = useRef(chats);
  onFloor.current = chats;
  /** A chat that is over, or not on this floor, is read as it went. */
  const look = useCallback(
    (id: string) => (onFloor.current[id] ? open(id) : void navigate(`/replay/${encodeURIComponent(id)}`)),
    [navigate, open],
  );
  const at = chatId ? rows.indexOf(chatId) : -1;
  usePreloaded([waits.first?.chat_id, rows[at + 1], at > 0 ? rows[at - 1] : undefined].filter((id) => id !== chatId));
  const back = useCallback(() => void navigate("/floor"), [navigate]);
  const reach = useRef<((part: "tools" | "labels") => void) | null>(null);
  const step = (by: number) => {
    const at = here.current ? rows.indexOf(here.current) : -1;
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (next) open(next);
  };
  useKeys(
    {
      next: () => step(1),
      previous: () => step(-1),
      urgent: () => waits.first && open(waits.first.chat_id),
      tools: () => reach.current?.("tools"),
      labels: () => reach.current?.("labels"),
    },
    (n) => {
      const id = rows[n - 1];
      if (id) open(id);
    },
  );
  if (!ready) {
    return (
      <Center h="60vh">
        <Loader aria-label={say("app.loading")} />
      </Center>
    );
  }
  return (
    <div className={classes["layout"]} data-open={card ? "" : undefined} style={columns}>
      <AlertBell chats={chats} me={me} />
      <div ref={list} {...hand} className={`${classes["column"]} ${classes["list"]}`}>
        <FloorList
          sections={sections}
          me={me}
          selected={chatId}
          supervision={props.me.supervision}
          waits={waits}
          behind={behind}
          onOpen={open}
        />
      </div>
      <Divider of="list" label={say("layout.list")} sized={list} />
      {card ? (
        <OpenChat
          card={card}
          gone={!chats[card.chat_id]}
          me={me}
          supervision={props.me.supervision}
          reach={reach}
          onBack={back}
          onOpen={look}
        />
      ) : (
        <>
          <main className={classes["middle"]} id="chat">
            <NoChat me={me} supervision={props.me.supervision} waits={waits} />
          </main>
          <Divider of="side" label={say("layout.side")} sized={side} />
          <aside ref={side} className={`${classes["column"]} ${classes["side"]}`} aria-label={say("chat.about")} />
        </>
      )}
    </div>
  );
}
