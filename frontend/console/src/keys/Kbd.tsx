import { usePreferences } from "../settings/preferences";
import type { KeyAction } from "./bindings";

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
    <kbd
      aria-hidden
      style={{ marginLeft: 8, padding: "0 5px", borderRadius: 4, border: "1px solid currentColor", fontSize: 11 }}
    >
      {bindings[props.of].toUpperCase()}
    </kbd>
  );
}
