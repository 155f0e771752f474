import { usePreferences } from "../settings/preferences";
import type { KeyAction } from "./bindings";
import classes from "./keys.module.css";

/** The key of an action as it is set now, for `aria-keyshortcuts`; nothing while keys are off. */
export function useKeyOf(): (action: KeyAction) => { "aria-keyshortcuts"?: string } {
  const { keys, bindings } = usePreferences().preferences;
  return (action) => (keys ? { "aria-keyshortcuts": bindings[action] } : {});
}

/** The key of an action, beside the words of its button. */
export function Kbd(props: { of: KeyAction }) {
  const { keys, bindings } = usePreferences().preferences;
  if (!keys) return null;
  return (
    <kbd aria-hidden className={classes["key"]}>
      {bindings[props.of].toUpperCase()}
    </kbd>
  );
}
