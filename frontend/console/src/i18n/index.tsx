import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";

import { en, type Key } from "./en";

export type Language = "en" | "zh";
export type Say = (key: Key, values?: Record<string, string | number>) => string;

type Refusals = Readonly<Record<string, readonly [string, string]>>;

const WORDS: Partial<Record<Language, Record<Key, string>>> = { en };
const REFUSALS: Partial<Record<Language, Refusals>> = {};

/** Fetch the words of a language: of those that nobody reads here the first page does without. */
export async function fetchWords(language: Language): Promise<void> {
  if (WORDS[language]) return;
  const [words, refusals] = await Promise.all([import("./zh"), import("./zhRefusals")]);
  WORDS[language] = words.zh;
  REFUSALS[language] = refusals.REFUSALS;
}

/** What the desk's refusals mean in a language, by their code; nothing in the desk's own. */
export const refusalsIn = (language: Language): Refusals => REFUSALS[language] ?? {};

export function say(language: Language, key: Key, values: Record<string, string | number> = {}) {
  return filled(WORDS[language]?.[key] ?? en[key], values);
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
  const [language, setLanguage] = useState<Language | null>(WORDS[props.language] ? props.language : null);
  useEffect(() => {
    let wanted = true;
    void fetchWords(props.language).then(() => wanted && setLanguage(props.language));
    return () => {
      wanted = false;
    };
  }, [props.language]);
  const told = language ?? "en";
  const bound = useCallback<Say>((key, values) => say(told, key, values), [told]);
  const value = useMemo(() => ({ language: told, say: bound }), [told, bound]);
  return language && <Words.Provider value={value}>{props.children}</Words.Provider>;
}

export const useWords = () => useContext(Words);
