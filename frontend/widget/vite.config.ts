import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false })],
  build: {
    outDir: "../../src/stepin/web/static/widget",
    emptyOutDir: true,
    target: "es2022",
    lib: { entry: "src/element.tsx", formats: ["iife"], name: "stepin", fileName: () => "stepin.js" },
  },
});
