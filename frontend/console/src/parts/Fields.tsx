import classes from "./fields.module.css";
import { inWords } from "./shopWords";
import { useShopWords } from "./useShopWords";

/** What a record holds, field by field; `wide`: side by side, as many as there is room for. */
export function Fields(props: { of: Readonly<Record<string, unknown>>; wide?: boolean }) {
  const shop = useShopWords();
  return (
    <dl className={classes[props.wide ? "wide" : "fields"]}>
      {Object.entries(props.of).map(([name, value]) => (
        <div key={name}>
          <dt>{shop.field(name)}</dt>
          <dd>{inWords(value, shop)}</dd>
        </div>
      ))}
    </dl>
  );
}
