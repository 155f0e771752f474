import { Text } from "@mantine/core";

import { type Say, useWords } from "../i18n";
import { Fields } from "../parts/Fields";
import { inWords, plain, type ShopWords } from "../parts/shopWords";
import { useShopWords } from "../parts/useShopWords";
import classes from "./chat.module.css";

/** What a reading tool knows of the customer; lists (orders, say) one by one, the newest open. */
export function CustomerRecord(props: { result: Readonly<Record<string, unknown>> }) {
  const { say } = useWords();
  const lists = Object.entries(props.result).filter(([, value]) => Array.isArray(value)) as [string, unknown[]][];
  const rest = Object.fromEntries(Object.entries(props.result).filter(([, value]) => !Array.isArray(value)));
  return (
    <>
      {Object.keys(rest).length > 0 && <Fields of={rest} />}
      {lists.map(([name, rows]) =>
        rows.length ? (
          rows.map((row, i) => <Row key={`${name}${i}`} row={row} open={i === 0} />)
        ) : (
          <Text key={name} size="sm">
            {say("app.nothing")}
          </Text>
        ),
      )}
    </>
  );
}

function Row(props: { row: unknown; open: boolean }) {
  const { language } = useWords();
  const shop = useShopWords();
  if (typeof props.row !== "object" || props.row === null) return <Text size="sm">{inWords(props.row)}</Text>;
  const shown = inLanguage(props.row as Record<string, unknown>, language);
  const [title, ...others] = Object.values(shown);
  return (
    <details className={classes["record"]} open={props.open}>
      <summary>
        {inWords(title, shop)} <span>{inWords(others[0], shop)}</span>
      </summary>
      <Fields of={shown} />
    </details>
  );
}

/** A tool may give a field in two languages (`items`, `items_zh`): show the worker's. */
function inLanguage(row: Record<string, unknown>, language: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => {
      if (name.endsWith("_zh")) return language === "zh" ? [[name.slice(0, -3), value]] : [];
      return language === "zh" && `${name}_zh` in row ? [] : [[name, value]];
    }),
  );
}

const TITLES = { list_orders: "chat.orders", get_account: "chat.account" } as const;

/** What a tool's answer is about: `list_invoices` gives the invoices. */
export function recordTitle(tool: string, say: Say, shop: ShopWords): string {
  if (tool in TITLES) return say(TITLES[tool as keyof typeof TITLES]);
  if (shop.tool(tool) !== plain(tool)) return shop.tool(tool);
  const words = plain(tool.replace(/^(get|list)_/, ""));
  return words.charAt(0).toUpperCase() + words.slice(1);
}
