import { useId } from "react";

import classes from "./chart.module.css";
import { ticks } from "./scale";

export interface DayPoint {
  day: string;
  value: number | null;
}

const W = 420;
const H = 132;
const LEFT = 54;
const BOTTOM = 20;
const TOP = 8;

/** One measure by day: bars for counts, a line for means. A day without a value leaves a gap. */
export function DayChart(props: {
  points: readonly DayPoint[];
  label: string;
  shown: (value: number) => string;
  bars?: boolean;
  most?: number;
}) {
  const { points, shown } = props;
  const id = useId();
  const known = points.flatMap((p) => (p.value === null ? [] : [p.value]));
  const marks = ticks(0, Math.max(...known, 0), props.most);
  const top = marks[marks.length - 1] ?? 1;
  const step = (W - LEFT - 6) / Math.max(points.length, 1);
  const x = (i: number) => LEFT + step * (i + 0.5);
  const y = (value: number) => TOP + (H - TOP - BOTTOM) * (1 - value / top);
  const first = points[0];
  const last = points[points.length - 1];
  const runs = runsOf(points);
  return (
    <svg className={classes["chart"]} viewBox={`0 0 ${W} ${H}`} role="img" aria-labelledby={id}>
      <title id={id}>{props.label}</title>
      {marks.map((mark) => (
        <g key={mark}>
          <line x1={LEFT} x2={W} y1={y(mark)} y2={y(mark)} className={mark === 0 ? classes["zero"] : classes["rule"]} />
          <text x={LEFT - 6} y={y(mark) + 4} textAnchor="end">
            {shown(mark)}
          </text>
        </g>
      ))}
      {props.bars
        ? points.map((p, i) =>
            p.value === null ? null : (
              <rect
                key={p.day}
                className={classes["bar"]}
                x={x(i) - Math.min(step * 0.36, 14)}
                width={Math.min(step * 0.72, 28)}
                y={y(p.value)}
                height={Math.max(0, y(0) - y(p.value))}
                rx={Math.min(2, step / 4)}
              >
                <title>{`${p.day}: ${shown(p.value)}`}</title>
              </rect>
            ),
          )
        : runs.map((run) => (
            <polyline key={run[0]?.[0]} className={classes["line"]} points={run.map(([i, v]) => `${x(i)},${y(v)}`).join(" ")} />
          ))}
      {!props.bars &&
        points.map((p, i) =>
          p.value === null ? null : (
            <circle key={p.day} className={classes["dot"]} cx={x(i)} cy={y(p.value)} r={points.length > 45 ? 1.5 : 3}>
              <title>{`${p.day}: ${shown(p.value)}`}</title>
            </circle>
          ),
        )}
      {first && (
        <text x={LEFT} y={H - 4}>
          {first.day.slice(5)}
        </text>
      )}
      {last && last !== first && (
        <text x={W} y={H - 4} textAnchor="end">
          {last.day.slice(5)}
        </text>
      )}
    </svg>
  );
}

/** Runs of neighbouring days with a value. */
export function runsOf(points: readonly DayPoint[]): [number, number][][] {
  const runs: [number, number][][] = [];
  let open: [number, number][] | null = null;
  points.forEach((p, i) => {
    if (p.value === null) {
      open = null;
      return;
    }
    if (!open) {
      open = [];
      runs.push(open);
    }
    open.push([i, p.value]);
  });
  return runs;
}
