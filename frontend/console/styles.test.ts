import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";

import { build, type Rolldown } from "vite";
import { beforeAll, expect, it } from "vitest";

const ROOT = import.meta.dirname;
const CORE = resolve(ROOT, "node_modules/@mantine/core");
const BUILD_MS = 60_000;

interface Sheet {
  module: string;
  classes: string[];
}

/** The class names of every library component that is in the bundle, and the bundle's style sheets. */
let needed: Sheet[] = [];
let styles = "";

beforeAll(async () => {
  const built = await build({ root: ROOT, logLevel: "silent", build: { write: false, minify: false, emptyOutDir: false } });
  const files = ([built].flat() as Rolldown.RolldownOutput[]).flatMap((one) => one.output);
  const modules = files.flatMap((file) => (file.type === "chunk" ? Object.entries(file.modules) : []));
  const used = modules.filter(([id, module]) => /@mantine\/.*\.module\.mjs$/.test(id) && module.renderedLength > 0).map(([id]) => id);
  needed = [...new Set(used)].map((id) => ({
    module: basename(id, ".module.mjs"),
    classes: [...readFileSync(id, "utf8").matchAll(/"(m_[0-9a-f]+)"/g)].map((m) => m[1] ?? ""),
  }));
  styles = files.map((file) => (file.type === "asset" && file.fileName.endsWith(".css") ? String(file.source) : "")).join("\n");
}, BUILD_MS);

/** Some classes are only names to hang one's own rules on: the library's whole sheet has no rule for them. */
const inLibrary = ["core", "notifications"]
  .map((name) => readFileSync(resolve(ROOT, `node_modules/@mantine/${name}/styles.css`), "utf8"))
  .join("\n");

it("has a rule for every class of every library component that is in the bundle", () => {
  expect(needed.map((one) => one.module)).toContain("Notification");
  const naked = needed.filter(({ classes }) => classes.some((name) => inLibrary.includes(name) && !styles.includes(name)));
  expect(naked.map((one) => one.module)).toEqual([]);
});

it("brings no more of the library's style sheets than that, and in the library's own order", () => {
  const all = readFileSync(join(CORE, "styles.layer.css"), "utf8");
  const own = (name: string) => join(CORE, `styles/${name}.layer.css`);
  const place = (name: string) => all.indexOf(readFileSync(own(name), "utf8").slice("@layer mantine {".length, -10).slice(0, 200));
  const known = needed.map((one) => one.module).filter((name) => existsSync(own(name)));
  const wanted = ["baseline", "default-css-variables", "global", ...new Set(known)].sort((a, b) => place(a) - place(b));
  const listed = [...readFileSync(join(ROOT, "src/app/mantine.css"), "utf8").matchAll(/styles\/([\w-]+)\.layer\.css/g)].map((m) => m[1]);
  expect(listed).toEqual(wanted);
});
