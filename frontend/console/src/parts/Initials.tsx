import classes from "./initials.module.css";

const HAN = /\p{Script=Han}/u;

/** The initials of a name: first and last, or the family name of one in Chinese. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s.·_-]+/).filter((word) => /^[\p{L}]/u.test(word));
  const first = [...(words[0] ?? name)][0] ?? "?";
  if (HAN.test(first)) return first;
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** Somebody in two letters, on the colour of whoever speaks; the name stands beside it or on hover. */
export function Initials(props: { name: string; voice: "customer" | "ai" | "worker"; title?: string }) {
  return (
    <span className={classes["initials"]} data-voice={props.voice} title={props.title} aria-hidden={props.title ? undefined : true}>
      {initialsOf(props.name)}
    </span>
  );
}
