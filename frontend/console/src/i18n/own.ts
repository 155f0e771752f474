import { useCallback } from "react";

import { filled, type Language, useWords } from ".";

/** The words of one page, which come with it. */
export type OwnWords<K extends string> = Record<Language, Record<K, string>>;
export type OwnSay<K extends string> = (key: K, values?: Record<string, string | number>) => string;

export function useOwnWords<K extends string>(words: OwnWords<K>): { say: OwnSay<K>; language: Language } {
  const { language } = useWords();
  const say = useCallback<OwnSay<K>>((key, values) => filled(words[language][key], values), [language, words]);
  return { say, language };
}
