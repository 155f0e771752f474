import { Button, Menu, Text } from "@mantine/core";

import { useWords } from "../i18n";
import { endedWords } from "../parts/names";
import { isMacro, type Reply } from "./canned";
import classes from "./composer.module.css";

/** The canned replies as a menu. */
export function CannedMenu(props: { replies: readonly Reply[]; onOpen: (open: boolean) => void; onPick: (reply: Reply) => void }) {
  const { say } = useWords();
  if (!props.replies.length) return null;
  return (
    <Menu position="top-end" withinPortal onChange={props.onOpen}>
      <Menu.Target>
        <Button size="compact-sm" variant="default">
          {say("chat.canned")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
        {props.replies.map((reply) => (
          <Menu.Item key={reply.reply_id} onClick={() => props.onPick(reply)}>
            <Text size="sm" fw={500}>
              {reply.title} {reply.short && <kbd>/{reply.short}</kbd>}
            </Text>
            <Text size="xs" lineClamp={1} maw={360}>
              {reply.text}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** What a short code may mean, over the field in which it is typed. */
export function ShortCodes(props: { id: string; meant: readonly Reply[]; chosen: number; onPick: (reply: Reply) => void }) {
  const { say } = useWords();
  return (
    <div id={props.id} role="listbox" aria-label={say("chat.canned")} className={classes["codes"]}>
      {props.meant.map((reply, i) => (
        <button
          type="button"
          tabIndex={-1}
          key={reply.reply_id}
          id={`${props.id}-${i}`}
          role="option"
          aria-selected={i === props.chosen}
          className={classes["code"]}
          onClick={() => props.onPick(reply)}
        >
          <kbd>{reply.short ? `/${reply.short}` : "·"}</kbd> <span>{reply.title}</span>{" "}
          <span className={classes["codeText"]}>{reply.text}</span>
          {isMacro(reply) && <span aria-hidden>⚙</span>}
        </button>
      ))}
    </div>
  );
}

/** What else happens when this reply is sent; it can be left out. */
export function MacroLine(props: { macro: Reply; onDrop: () => void }) {
  const { say } = useWords();
  const { macro } = props;
  const then = [
    ...(macro.note ? [say("macro.note", { text: macro.note })] : []),
    ...(macro.labels ?? []).map((label) => `+${label}`),
    ...(macro.close ? [say("macro.close", { how: endedWords(macro.close, say) })] : []),
  ];
  return (
    <p className={classes["macro"]} data-macro={macro.reply_id}>
      <span>
        {say("macro.then")} {then.join(" · ")}
      </span>
      <Button size="compact-xs" variant="subtle" onClick={props.onDrop}>
        {say("macro.drop")}
      </Button>
    </p>
  );
}
