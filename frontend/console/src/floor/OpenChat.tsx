import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { lazy, type RefObject, Suspense, useCallback, useEffect, useRef, useState } from "react";

import type { ChatCard } from "../api/types";
import { type Suggestion, useBrief } from "../chat/Brief";
import type { Reveal } from "../chat/ChatLog";
import { ChatPanel } from "../chat/ChatPanel";
import type { Tab } from "../chat/SidePanel";
import { useWords } from "../i18n";
import { Divider } from "../parts/Divider";
import { customerWords } from "../parts/names";
import classes from "./floor.module.css";

/** What stands beside the words comes after them: the first page does without its forms. */
const beside = () => import("../chat/SidePanel");
const SidePanel = lazy(() => beside().then((m) => ({ default: m.SidePanel })));

/** Fetch it before anybody opens a chat. */
export const fetchBeside = () => void beside();

/** From this width on there is a column beside the words; else a sheet that is asked for. */
const WIDE = "(min-width: 75em)";
/** Until a sheet has come in, what is on it can't have the focus. */
const SHEET_MS = 250;

/** For how long a field that isn't there yet is waited for: its part of the page may be on its way. */
const LATEST_MS = 3_000;

function focusOn(selector: string, until: number): void {
  const field = document.querySelector<HTMLElement>(selector);
  if (field) field.focus();
  else if (performance.now() < until) window.requestAnimationFrame(() => focusOn(selector, until));
}

interface OpenProps {
  card: ChatCard;
  gone: boolean;
  me: string;
  supervision: boolean;
  /** Filled in here: puts the focus on a field beside the words. */
  reach: RefObject<((part: "tools" | "labels") => void) | null>;
  onBack: () => void;
  onOpen: (id: string) => void;
}

/** The words of a chat, and beside them (or on a sheet over them) its brief and its customer. */
export function OpenChat(props: OpenProps) {
  const { card, gone, me } = props;
  const { say } = useWords();
  const wide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const { wanted, shown: brief } = useBrief(card, me, gone);
  const [chosen, setChosen] = useState<{ chat: string; tab: Tab } | null>(null);
  const [sheet, setSheet] = useState(false);
  const column = useRef<HTMLElement>(null);
  const [noteOpen, setNoteOpen] = useState(false);
  const reveal = useRef<Reveal | null>(null);
  const insert = useRef<((one: Suggestion) => void) | null>(null);
  const tab = chosen?.chat === card.chat_id ? chosen.tab : wanted ? "brief" : "customer";
  const canReply = card.holder.kind === "worker" && card.holder.id === me && card.episode === "active" && !noteOpen;

  useEffect(() => {
    setNoteOpen(false);
    setSheet(false);
  }, [card.chat_id]);

  const choose = useCallback((which: Tab) => setChosen({ chat: card.chat_id, tab: which }), [card.chat_id]);
  const show = useCallback(
    (which: Tab) => {
      choose(which);
      setSheet(!wide);
    },
    [choose, wide],
  );
  const showBrief = useCallback(() => show("brief"), [show]);
  const showCustomer = useCallback(() => show("customer"), [show]);
  const cite = useCallback((seq: number) => {
    setSheet(false);
    reveal.current?.(seq);
  }, []);
  const suggest = useCallback(
    (one: Suggestion) => {
      setSheet(false);
      // A sheet that goes gives the focus back to where it came from: the field has it after that.
      window.setTimeout(() => insert.current?.(one), wide ? 0 : SHEET_MS);
    },
    [wide],
  );
  const { reach } = props;
  useEffect(() => {
    reach.current = (part) => {
      show("customer");
      window.setTimeout(() => focusOn(`[data-${part}]`, performance.now() + LATEST_MS), wide ? 0 : SHEET_MS);
    };
    return () => {
      reach.current = null;
    };
  }, [reach, show, wide]);

  const panel = (
    <Suspense>
      <SidePanel
        card={card}
        brief={brief}
        awaited={wanted && brief === undefined}
        tab={tab}
        canReply={canReply}
        onTab={choose}
        onInsert={suggest}
        onCite={cite}
        onOpen={props.onOpen}
      />
    </Suspense>
  );
  return (
    <>
      <main className={classes["middle"]} id="chat">
        <ChatPanel
          card={card}
          gone={gone}
          me={me}
          supervision={props.supervision}
          brief={brief}
          briefAwaited={wanted && brief === undefined}
          briefBeside={wide}
          noteOpen={noteOpen}
          onNoteOpen={setNoteOpen}
          reveal={reveal}
          insert={insert}
          onBack={props.onBack}
          onAbout={showCustomer}
          onBrief={showBrief}
        />
      </main>
      {wide ? (
        <>
          <Divider of="side" label={say("layout.side")} sized={column} />
          <aside ref={column} className={`${classes["column"]} ${classes["side"]}`} aria-label={say("chat.about")}>
            {panel}
          </aside>
        </>
      ) : (
        <Drawer
          opened={sheet}
          onClose={() => setSheet(false)}
          position="right"
          size="min(92vw, 400px)"
          title={customerWords(card, say)}
          closeButtonProps={{ "aria-label": say("app.close") }}
          padding={0}
          styles={{ header: { paddingInline: 16 } }}
        >
          {panel}
        </Drawer>
      )}
    </>
  );
}
