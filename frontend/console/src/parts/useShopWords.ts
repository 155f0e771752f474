import { useMemo } from "react";

import { useTools } from "../api/queries";
import { useWords } from "../i18n";
import { NO_WORDS, type ShopWords, shopWords } from "./shopWords";

/** The shop's words in the worker's language; its names as they are written until they are known. */
export function useShopWords(): ShopWords {
  const { language } = useWords();
  const { data } = useTools();
  return useMemo(() => (data ? shopWords(data.tools, data.words ?? {}, language) : NO_WORDS), [data, language]);
}
