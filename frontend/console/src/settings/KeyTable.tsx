import { Button, TextInput } from "@mantine/core";
import { useState } from "react";

import { useWords } from "../i18n";
import { bind, type Clash, DEFAULT_KEYS, type KeyAction } from "../keys/bindings";
import { usePreferences } from "./preferences";
import classes from "./settings.module.css";

/** Which key does what. A key that does something else already is refused, and it is said what. */
export function KeyTable() {
  const { say } = useWords();
  const { preferences, change } = usePreferences();
  const [refused, setRefused] = useState<{ action: KeyAction; key: string; clash: Clash } | null>(null);
  const words = (key: string, clash: Clash) =>
    clash === "row" ? say("settings.keyRow") : say("settings.keyTaken", { key, action: say(`key.${clash}`) });
  const give = (action: KeyAction, typed: string) => {
    const key = typed.trim().toLowerCase();
    if (!key) return;
    const after = bind(preferences.bindings, action, key);
    if (typeof after === "string") return setRefused({ action, key, clash: after });
    setRefused(null);
    change({ bindings: after });
  };
  return (
    <>
      <div className={classes["keys"]}>
        {(Object.keys(DEFAULT_KEYS) as KeyAction[]).map((action) => (
          <TextInput
            key={action}
            label={say(`key.${action}`)}
            classNames={{ root: classes["key"] ?? "", input: classes["letter"] ?? "", error: classes["clash"] ?? "" }}
            size="xs"
            disabled={!preferences.keys}
            value={preferences.bindings[action]}
            onFocus={(event) => event.currentTarget.select()}
            onChange={(event) => give(action, event.currentTarget.value.slice(-1))}
            onBlur={() => setRefused((now) => (now?.action === action ? null : now))}
            error={refused?.action === action ? words(refused.key, refused.clash) : undefined}
          />
        ))}
      </div>
      <Button size="compact-sm" variant="default" mt="xs" disabled={!preferences.keys} onClick={() => change({ bindings: DEFAULT_KEYS })}>
        {say("settings.keysReset")}
      </Button>
    </>
  );
}
