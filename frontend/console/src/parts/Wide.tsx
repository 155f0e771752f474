import type { ReactNode } from "react";

/** Something that may be wider than the screen: it scrolls by itself, and with the keyboard, too. */
export function Wide(props: { minWidth: number; label: string; children: ReactNode }) {
  return (
    <div tabIndex={0} role="group" aria-label={props.label} style={{ overflowX: "auto" }}>
      <div style={{ minWidth: props.minWidth }}>{props.children}</div>
    </div>
  );
}
