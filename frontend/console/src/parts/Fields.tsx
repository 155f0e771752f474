import classes from "./fields.module.css";

/** What a record holds, field by field. */
export function Fields(props: { of: Readonly<Record<string, unknown>> }) {
  return (
    <dl className={classes["fields"]}>
      {Object.entries(props.of).map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
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
