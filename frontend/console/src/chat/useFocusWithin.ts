import { type FocusEvent, useEffect, useRef, useState } from "react";

/**
 * Whether the focus is within an element, for one that folds when the focus goes. It stays open until
 * a press of the pointer is over: what folds under a press moves the button that is being pressed.
 */
export function useFocusWithin() {
  const [within, setWithin] = useState(false);
  const pressed = useRef(false);
  useEffect(() => {
    const down = () => {
      pressed.current = true;
    };
    const up = () => {
      pressed.current = false;
    };
    window.addEventListener("pointerdown", down, true);
    window.addEventListener("pointerup", up, true);
    window.addEventListener("pointercancel", up, true);
    return () => {
      window.removeEventListener("pointerdown", down, true);
      window.removeEventListener("pointerup", up, true);
      window.removeEventListener("pointercancel", up, true);
    };
  }, []);
  const onFocus = () => setWithin(true);
  const onBlur = (event: FocusEvent<HTMLElement>) => {
    const element = event.currentTarget;
    const look = () => setWithin(element.contains(document.activeElement));
    if (element.contains(event.relatedTarget)) return;
    if (!pressed.current) setWithin(false);
    else {
      // The click comes after the pointer is up.
      const after = () => window.setTimeout(look);
      window.addEventListener("pointerup", after, { once: true });
      window.addEventListener("pointercancel", after, { once: true });
    }
  };
  return { within, onFocus, onBlur };
}
