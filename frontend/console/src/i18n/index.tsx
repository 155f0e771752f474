import { createContext, type ReactNode, useCallback, useContext, useMemo } from "react";

import { en, type Key } from "./en";
import { zh } from "./zh";

export type Language = "en" | "zh";
export type Say = (key: Key, values?: Record<string, string | number>) => string;

const WORDS: Record<Language, Record<Key, string>> = { en, zh };

export function say(language: Language, key: Key, values: Record<string, string | number> = {}) {
  return filled(WORDS[language][key] ?? en[key], values);
}

/** A text with its values in the places of their names. */
export function filled(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const Words = createContext<{ language: Language; say: Say }>({
  language: "en",
  say: (key, values) => say("en", key, values),
});

export function WordsProvider(props: { language: Language; children: ReactNode }) {
  const { language } = props;
  const bound = useCallback<Say>((key, values) => say(language, key, values), [language]);
  const value = useMemo(() => ({ language, say: bound }), [language, bound]);
  return <Words.Provider value={value}>{props.children}</Words.Provider>;
}

export const useWords = () => useContext(Words);
