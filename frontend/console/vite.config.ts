import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The console is part of what is studied: its version is that of all its sources. */
function version(): string {
  const folder = fileURLToPath(new URL("src", import.meta.url));
  const hash = createHash("sha256");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (/\.(tsx?|css)$/.test(name) && !name.includes(".test.")) hash.update(name).update(readFileSync(join(folder, name)));
  }
  return `console-${hash.digest("hex").slice(0, 12)}`;
}

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  define: { __UI_VERSION__: JSON.stringify(version()) },
  build: {
    outDir: "../../src/stepin/web/static/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
