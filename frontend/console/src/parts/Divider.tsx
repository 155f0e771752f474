import { type CSSProperties, type KeyboardEvent, type PointerEvent, type RefObject, useState } from "react";

import { type Layout, usePreferences } from "../settings/preferences";
import classes from "./divider.module.css";

/** Between which sizes each can be pulled, in pixels. */
const SIZES: Record<keyof Layout, readonly [number, number]> = { list: [220, 480], side: [240, 560], field: [58, 320] };
const STEP = 24;

/** A size within what there may be. */
export const within = (of: keyof Layout, px: number) => Math.round(Math.min(SIZES[of][1], Math.max(SIZES[of][0], px)));

/** The sizes that the worker has pulled things to, for the style of what they are in. */
export function usePulled(): CSSProperties {
  const { layout } = usePreferences().preferences;
  const set = (Object.keys(SIZES) as (keyof Layout)[]).flatMap((of) => {
    const px = layout[of];
    return px ? [[`--${of}`, `${within(of, px)}px`]] : [];
  });
  return Object.fromEntries(set) as CSSProperties;
}

/** On which side of its line the thing is that grows. */
const SIDE = { list: "left", side: "right", field: "bottom" } as const;

/** A line that can be pulled, by hand or by the arrow keys; a double press sets it back; it is remembered. */
export function Divider(props: { of: keyof Layout; label: string; sized: RefObject<HTMLElement | null> }) {
  const { of } = props;
  const { preferences, change } = usePreferences();
  const [pulled, setPulled] = useState(false);
  const set = (px: number | null) => change({ layout: { ...preferences.layout, [of]: px === null ? null : within(of, px) } });
  const box = () => props.sized.current?.getBoundingClientRect();
  const pull = (event: PointerEvent) => {
    const now = box();
    if (!pulled || !now) return;
    if (SIDE[of] === "left") set(event.clientX - now.left);
    else if (SIDE[of] === "right") set(now.right - event.clientX);
    else set(now.bottom - event.clientY);
  };
  const key = (event: KeyboardEvent) => {
    const grows = { left: "ArrowRight", right: "ArrowLeft", bottom: "ArrowUp" }[SIDE[of]];
    const shrinks = { left: "ArrowLeft", right: "ArrowRight", bottom: "ArrowDown" }[SIDE[of]];
    const way = event.key === grows ? 1 : event.key === shrinks ? -1 : 0;
    const now = box();
    if (!way || !now) return;
    event.preventDefault();
    set((of === "field" ? now.height : now.width) + way * STEP);
  };
  return (
    <div
      role="separator"
      aria-orientation={of === "field" ? "horizontal" : "vertical"}
      aria-label={props.label}
      aria-valuemin={SIZES[of][0]}
      aria-valuemax={SIZES[of][1]}
      aria-valuenow={within(of, preferences.layout[of] ?? 0)}
      tabIndex={0}
      className={classes["divider"]}
      data-divider={of}
      data-pulled={pulled || undefined}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
        setPulled(true);
      }}
      onPointerMove={pull}
      onPointerUp={() => setPulled(false)}
      onPointerCancel={() => setPulled(false)}
      onDoubleClick={() => set(null)}
      onKeyDown={key}
    />
  );
}
