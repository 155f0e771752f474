import { useCallback, useEffect, useRef, useState } from "react";

/** For how long a pointer that rests on the list still means to press something. */
const STILL_MS = 2_500;

/**
 * Whether somebody is about to press something in an element: the pointer has just moved in it. A key,
 * or a hand that rests, ends that.
 */
export function usePointing() {
  const [pointing, setPointing] = useState(false);
  const timer = useRef(0);
  const rest = useCallback(() => {
    window.clearTimeout(timer.current);
    setPointing(false);
  }, []);
  useEffect(() => {
    window.addEventListener("keydown", rest);
    return () => {
      window.removeEventListener("keydown", rest);
      window.clearTimeout(timer.current);
    };
  }, [rest]);
  const move = useCallback(() => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(rest, STILL_MS);
    setPointing(true);
  }, [rest]);
  return { pointing, onPointerMove: move, onPointerDown: move, onPointerLeave: rest };
}
