import { useMantineColorScheme } from "@mantine/core";
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

import type { View } from "../app/search";
import type { Language } from "../i18n";
import { DEFAULT_KEYS, type KeyAction, withDefaults } from "../keys/bindings";

/** How wide a column is, or how high the field of the composer; null as the page would have it. */
export interface Layout {
  list: number | null;
  side: number | null;
  field: number | null;
}

export const AS_GIVEN: Layout = { list: null, side: null, field: null };

export interface Preferences {
  language: Language;
  keys: boolean;
  bindings: Record<KeyAction, string>;
  sounds: boolean;
  desktop: boolean;
  attention: boolean;
  density: "comfortable" | "compact";
  layout: Layout;
  /** Whether the brief stands in one line. */
  briefFolded: boolean;
  views: readonly View[];
}

const KEY = "stepin.preferences";

function stored(): Preferences {
  const fallback: Preferences = {
    language: navigator.language.startsWith("zh") ? "zh" : "en",
    keys: true,
    bindings: DEFAULT_KEYS,
    sounds: false,
    desktop: false,
    attention: true,
    density: "comfortable",
    layout: AS_GIVEN,
    briefFolded: false,
    views: [],
  };
  try {
    const saved = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    return { ...fallback, ...saved, bindings: withDefaults(saved.bindings ?? {}) };
  } catch {
    return fallback;
  }
}

interface Bound {
  preferences: Preferences;
  change: (part: Partial<Preferences>) => void;
}

const Context = createContext<Bound | null>(null);

export function PreferencesProvider(props: { children: ReactNode }) {
  const [preferences, set] = useState(stored);
  const bound = useMemo<Bound>(
    () => ({
      preferences,
      change: (part) =>
        set((before) => {
          const after = { ...before, ...part };
          localStorage.setItem(KEY, JSON.stringify(after));
          return after;
        }),
    }),
    [preferences],
  );
  return <Context.Provider value={bound}>{props.children}</Context.Provider>;
}

export function usePreferences(): Bound {
  const bound = useContext(Context);
  if (!bound) throw new Error("usePreferences outside PreferencesProvider");
  return bound;
}

export const useScheme = useMantineColorScheme;
