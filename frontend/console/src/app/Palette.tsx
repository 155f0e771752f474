import { Modal, TextInput } from "@mantine/core";
import { useId, useState } from "react";
import { useNavigate } from "react-router";

import { useWords } from "../i18n";
import type { KeyAction } from "../keys/bindings";
import { possible, run } from "../keys/useKeys";
import { useLive } from "../live/context";
import { customerWords } from "../parts/names";
import { useShopWords } from "../parts/useShopWords";
import { usePreferences } from "../settings/preferences";
import { type Choice, matching } from "./choices";
import classes from "./shell.module.css";

const MOST = 9;

/** Everything that can be done now, found by typing: deeds, pages, chats. */
export default function Palette(props: { pages: readonly (readonly [string, string])[]; onClose: () => void }) {
  const { say } = useWords();
  const shop = useShopWords();
  const navigate = useNavigate();
  const { preferences } = usePreferences();
  const chats = useLive((s) => s.floor.chats);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  // What can be done is what could be done when it was opened: its own field takes the keys now.
  const [deeds] = useState(possible);
  const listId = useId();
  const choices: Choice[] = [
    ...deeds.map((action: KeyAction) => ({
      id: `do/${action}`,
      words: say(`key.${action}`),
      hint: preferences.bindings[action].toUpperCase(),
      go: () => run(action),
    })),
    ...Object.values(chats).map((card) => ({
      id: `chat/${card.chat_id}`,
      words: [customerWords(card, say), card.issue_class && shop.code(card.issue_class)].filter(Boolean).join(" · "),
      more: `${card.customer_id} ${card.preview} ${card.labels.join(" ")}`,
      hint: say("palette.chat"),
      go: () => void navigate(`/floor/${encodeURIComponent(card.chat_id)}`),
    })),
    ...props.pages.map(([to, words]) => ({ id: to, words, hint: say("app.pages"), go: () => void navigate(to) })),
  ];
  const found = matching(choices, text).slice(0, MOST);
  const go = (choice: Choice | undefined) => {
    if (!choice) return;
    props.onClose();
    // The dialog gives the focus back first.
    window.setTimeout(choice.go);
  };
  return (
    <Modal opened onClose={props.onClose} withCloseButton={false} title={say("palette.title")} yOffset="12dvh" returnFocus>
      <TextInput
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={found[at] ? `${listId}-${at}` : undefined}
        aria-label={say("palette.title")}
        placeholder={say("palette.hint")}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (by && found.length) {
            event.preventDefault();
            setAt((n) => (n + by + found.length) % found.length);
          } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
            event.preventDefault();
            go(found[at]);
          }
        }}
      />
      <div id={listId} role="listbox" aria-label={say("palette.title")} className={classes["choices"]}>
        {found.map((choice, i) => (
          <button
            key={choice.id}
            id={`${listId}-${i}`}
            type="button"
            tabIndex={-1}
            role="option"
            aria-selected={i === at}
            className={classes["choice"]}
            data-choice={choice.id}
            onClick={() => go(choice)}
          >
            <span>{choice.words}</span> <span className={classes["choiceHint"]}>{choice.hint}</span>
          </button>
        ))}
      </div>
    </Modal>
  );
}
