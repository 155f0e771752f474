import { Center, Drawer, Loader, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useCallback, useEffect, useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";

import type { SignedIn } from "../api/types";
import { useAttention } from "../attention/useAttention";
import { ChatPanel } from "../chat/ChatPanel";
import { SidePanel } from "../chat/SidePanel";
import { useWords } from "../i18n";
import { useKeys } from "../keys/useKeys";
import { useLive } from "../live/context";
import { usePreferences } from "../settings/preferences";
import { AlertBell } from "./AlertBell";
import classes from "./floor.module.css";
import { FloorList } from "./FloorList";
import { arrange, type Section } from "./sections";

export function FloorPage(props: { me: SignedIn }) {
  const me = props.me.worker_id;
  const wide = useMediaQuery("(min-width: 75em)") ?? true;
  const [about, setAbout] = useState(false);
  const { say } = useWords();
  const { bindings } = usePreferences().preferences;
  const navigate = useNavigate();
  const { chatId = null } = useParams();
  const chats = useLive((s) => s.floor.chats);
  const ready = useLive((s) => s.ready);
  const arranged = useRef<{ of: typeof chats | null; sections: Section[] }>({ of: null, sections: [] });
  if (arranged.current.of !== chats) {
    arranged.current = {
      of: chats,
      sections: arrange(Object.values(chats), me, arranged.current.sections),
    };
  }
  const { sections } = arranged.current;
  const [last, setLast] = useState(chatId ? chats[chatId] : undefined);
  const card = chatId ? (chats[chatId] ?? (last?.chat_id === chatId ? last : undefined)) : undefined;
  useEffect(() => {
    if (chatId && chats[chatId]) setLast(chats[chatId]);
  }, [chatId, chats]);
  useAttention(card?.chat_id ?? null);

  const rows = sections.flatMap((s) => s.chats.map((c) => c.chat_id));
  /** Where the last key went: the next one may come before the page has followed. */
  const here = useRef(chatId);
  useEffect(() => {
    here.current = chatId;
  }, [chatId]);
  const open = useCallback(
    (id: string) => {
      here.current = id;
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
  const back = useCallback(() => void navigate("/floor"), [navigate]);
  const showAbout = useCallback(() => setAbout(true), []);
  const reach = (part: string) => {
    if (!wide) setAbout(true);
    window.setTimeout(() => document.querySelector<HTMLElement>(`[data-${part}]`)?.focus(), wide ? 0 : 250);
  };
  const step = (by: number) => {
    const at = here.current ? rows.indexOf(here.current) : -1;
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (next) open(next);
  };
  useKeys(
    {
      next: () => step(1),
      previous: () => step(-1),
      urgent: () => {
        const worst = sections.find((s) => s.name === "needs")?.chats[0] ?? sections.find((s) => s.name === "yours")?.chats[0];
        if (worst) open(worst.chat_id);
      },
      tools: () => card && reach("tools"),
      labels: () => card && reach("labels"),
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
    <div className={classes["layout"]} data-open={card ? "" : undefined}>
      <AlertBell chats={chats} me={me} />
      <div className={`${classes["column"]} ${classes["list"]}`}>
        <FloorList sections={sections} me={me} selected={chatId} supervision={props.me.supervision} onOpen={open} />
      </div>
      <main className={classes["middle"]} id="chat">
        {card ? (
          <ChatPanel
            card={card}
            gone={!chats[card.chat_id]}
            me={me}
            supervision={props.me.supervision}
            onBack={back}
            onAbout={showAbout}
          />
        ) : (
          <Center h="100%" p="xl">
            <Text className={classes["quiet"] ?? ""} ta="center">
              {say("chat.none", { key: bindings.urgent.toUpperCase() })}
            </Text>
          </Center>
        )}
      </main>
      {wide && (
        <aside className={`${classes["column"]} ${classes["side"]}`} aria-label={say("chat.about")}>
          {card && <SidePanel key={card.chat_id} card={card} onOpen={look} />}
        </aside>
      )}
      <Drawer
        opened={about && !wide && !!card}
        onClose={() => setAbout(false)}
        position="right"
        size="min(92vw, 400px)"
        title={say("chat.about")}
        closeButtonProps={{ "aria-label": say("app.close") }}
        padding={0}
        styles={{ header: { paddingInline: 16 } }}
      >
        {card && <SidePanel key={card.chat_id} card={card} onOpen={look} />}
      </Drawer>
    </div>
  );
}
