/** Round marks from `low` to at least `high`: two to five of them, at 1, 2 or 5 times a power of ten. */
export function ticks(low: number, high: number, most?: number): number[] {
  if (!(high > low)) return [low, low + (most ?? 1)];
  const raw = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw) ?? raw;
  const marks: number[] = [];
  for (let n = 0; n < 12; n++) {
    const mark = Number((low + n * step).toPrecision(12));
    if (most !== undefined && mark > most) {
      marks[marks.length - 1] = most;
      break;
    }
    marks.push(mark);
    if (mark >= high) break;
  }
  return marks;
}

/** Every day from the first to the last, both included. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  const end = Date.parse(`${last}T00:00:00Z`);
  for (let at = Date.parse(`${first}T00:00:00Z`); at <= end && days.length < 400; at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}
