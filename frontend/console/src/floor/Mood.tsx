import { useWords } from "../i18n";
import classes from "./floor.module.css";

const WIDTH = 44;
const HEIGHT = 14;
const PAD = 2;

/** How upset a customer has been, message by message: one line, and one word for who can't see it. */
export function Mood(props: { levels: readonly number[] }) {
  const { say } = useWords();
  const { levels } = props;
  const last = levels.at(-1);
  if (last === undefined) return null;
  const word = last < 0.3 ? "calm" : last < 0.6 ? "tense" : "upset";
  const x = (i: number) => PAD + (levels.length < 2 ? WIDTH - 2 * PAD : (i * (WIDTH - 2 * PAD)) / (levels.length - 1));
  const y = (level: number) => HEIGHT - PAD - level * (HEIGHT - 2 * PAD);
  return (
    <svg
      className={classes["mood"]}
      data-mood={word}
      role="img"
      aria-label={say(`mood.${word}`)}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      <line x1={PAD} x2={WIDTH - PAD} y1={y(0)} y2={y(0)} className={classes["moodBase"]} />
      <polyline points={levels.map((level, i) => `${x(i).toFixed(1)},${y(level).toFixed(1)}`).join(" ")} />
      <circle cx={x(levels.length - 1)} cy={y(last)} r={2} />
    </svg>
  );
}
