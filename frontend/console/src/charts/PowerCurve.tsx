import { useId } from "react";

import classes from "./chart.module.css";
import { ticks } from "./scale";

const W = 420;
const H = 190;
const LEFT = 12;
const BOTTOM = 36;
const TOP = 18;

/** The smallest effect seen by a length, and the one that is worth knowing as a dashed line. */
export function PowerCurve(props: {
  points: readonly { x: number; y: number | null; text: string }[];
  goal: number | null;
  goalText: string;
  label: string;
  axis: string;
}) {
  const id = useId();
  const known = props.points.flatMap((p) => (p.y === null ? [] : [{ ...p, y: p.y }]));
  const marks = ticks(0, Math.max(props.goal ?? 0, ...known.map((p) => p.y)) * 1.12);
  const top = marks[marks.length - 1] ?? 1;
  const right = Math.max(...props.points.map((p) => p.x), 1);
  const x = (v: number) => LEFT + 24 + (v / right) * (W - LEFT - 64);
  const y = (v: number) => TOP + (H - TOP - BOTTOM) * (1 - v / top);
  return (
    <svg className={classes["chart"]} viewBox={`0 0 ${W} ${H}`} role="img" aria-labelledby={id}>
      <title id={id}>{props.label}</title>
      <line x1={LEFT} x2={W} y1={y(0)} y2={y(0)} className={classes["zero"]} />
      {props.goal !== null && (
        <>
          <line className={classes["goal"]} x1={LEFT} x2={W} y1={y(props.goal)} y2={y(props.goal)} />
          <text x={LEFT} y={y(props.goal) - 5}>
            {props.goalText}
          </text>
        </>
      )}
      <polyline className={classes["line"]} points={known.map((p) => `${x(p.x)},${y(p.y)}`).join(" ")} />
      {known.map((p) => (
        <g key={p.x}>
          <circle className={classes["dot"]} cx={x(p.x)} cy={y(p.y)} r={4} />
          <text className={classes["strong"]} x={x(p.x)} y={y(p.y) - 9} textAnchor="middle">
            {p.text}
          </text>
          <text x={x(p.x)} y={H - BOTTOM + 15} textAnchor="middle">
            {p.x}
          </text>
        </g>
      ))}
      <text x={W} y={H - 4} textAnchor="end">
        {props.axis}
      </text>
    </svg>
  );
}
