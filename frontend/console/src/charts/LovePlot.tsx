import { useId } from "react";

import classes from "./chart.module.css";

const W = 420;
const LEFT = 172;
const ROW = 24;

/** Standardized differences around zero, each in the band of what the design itself produces. */
export function LovePlot(props: { rows: readonly { name: string; value: number | null; band: number | null }[]; label: string }) {
  const id = useId();
  const { rows } = props;
  const most = Math.max(0.1, ...rows.flatMap((r) => [Math.abs(r.value ?? 0), r.band ?? 0])) * 1.1;
  const x = (v: number) => LEFT + ((v + most) / (2 * most)) * (W - LEFT - 8);
  const height = rows.length * ROW + 20;
  return (
    <svg className={classes["chart"]} viewBox={`0 0 ${W} ${height}`} role="img" aria-labelledby={id}>
      <title id={id}>{props.label}</title>
      {rows.map((r, i) => {
        const y = i * ROW + ROW / 2;
        const outside = r.value !== null && r.band !== null && Math.abs(r.value) > r.band;
        return (
          <g key={r.name}>
            {r.band !== null && (
              <rect className={classes["band"]} x={x(-r.band)} width={x(r.band) - x(-r.band)} y={y - 8} height={16} rx={4} />
            )}
            <text className={classes["strong"]} x={LEFT - 10} y={y + 4} textAnchor="end">
              {r.name}
            </text>
            {r.value !== null && (
              <circle className={outside ? classes["outside"] : classes["dot"]} cx={x(r.value)} cy={y} r={5}>
                <title>{`${r.name}: ${r.value.toFixed(3)}`}</title>
              </circle>
            )}
          </g>
        );
      })}
      <line className={classes["zero"]} x1={x(0)} x2={x(0)} y1={0} y2={rows.length * ROW} />
      <text x={x(-most)} y={height - 4}>
        {(-most).toFixed(1)} SD
      </text>
      <text x={x(0)} y={height - 4} textAnchor="middle">
        0
      </text>
      <text x={x(most)} y={height - 4} textAnchor="end">
        {most.toFixed(1)} SD
      </text>
    </svg>
  );
}
