import "./app/mantine.css";
import "@mantine/notifications/styles.layer.css";
import "./app/tokens.css";

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { theme, variables } from "./app/theme";
import { WordsProvider } from "./i18n";
import { PreferencesProvider, usePreferences } from "./settings/preferences";

const queries = new QueryClient({
  defaultOptions: { queries: { retry: 1, refetchOnWindowFocus: false } },
});

function Root() {
  const { language, density } = usePreferences().preferences;
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset["density"] = density;
  }, [density]);
  return (
    <WordsProvider language={language}>
      <App />
    </WordsProvider>
  );
}

const root = document.getElementById("root");
if (!root) throw new Error("no #root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <PreferencesProvider>
          <Root />
        </PreferencesProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
