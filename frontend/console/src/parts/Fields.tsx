import classes from "./fields.module.css";

/** What a record holds, field by field; `wide`: side by side, as many as there is room for. */
export function Fields(props: { of: Readonly<Record<string, unknown>>; wide?: boolean }) {
  return (
    <dl className={classes[props.wide ? "wide" : "fields"]}>
      {Object.entries(props.of).map(([name, value]) => (
        <div key={name}>
          <dt>{plain(name)}</dt>
          <dd>{inWords(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

export const plain = (name: string) => name.replaceAll("_", " ");

/** A value in words. */
export function inWords(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.map(inWords).join("; ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${plain(name)}: ${inWords(part)}`)
    .join(" · ");
}
