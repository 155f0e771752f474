import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { expect, it } from "vitest";

const SRC = resolve(import.meta.dirname, "src");
const CORE = resolve(SRC, "../node_modules/@mantine/core");

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((f) => /\.tsx?$/.test(f)).map((f) => join(folder, f));
}

/** The components of Mantine that our own files name. */
function used(): string[] {
  const named = filesOf(SRC).flatMap((f) => [...readFileSync(f, "utf8").matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)]);
  return [...new Set(named.flatMap((m) => (m[1] ?? "").split(",").map((n) => n.replace("type ", "").trim())))];
}

/** The style sheets that a component's module comes to, through all that it imports. */
function sheetsOf(module: string, seen: Set<string>): string[] {
  if (seen.has(module) || !existsSync(module)) return [];
  seen.add(module);
  const sheet = /([A-Za-z]+)\.module\.mjs$/.exec(module)?.[1];
  const imports = [...readFileSync(module, "utf8").matchAll(/from "(\.[^"]+)"/g)].map((m) => resolve(dirname(module), m[1] ?? ""));
  return [...(sheet ? [sheet] : []), ...imports.flatMap((m) => sheetsOf(m, seen))];
}

it("brings the style sheet of every component on the pages, in Mantine's own order", () => {
  const components = join(CORE, "esm/components");
  const seen = new Set<string>();
  const modules = readdirSync(components, { recursive: true, encoding: "utf8" });
  const needed = used().flatMap((name) =>
    modules.filter((m) => m.endsWith(`/${name}.mjs`)).flatMap((m) => sheetsOf(join(components, m), seen)),
  );
  const all = readFileSync(join(CORE, "styles.layer.css"), "utf8");
  const place = (name: string) => all.indexOf(readFileSync(join(CORE, `styles/${name}.layer.css`), "utf8").slice("@layer mantine {".length, -10).slice(0, 200));
  const known = needed.filter((name) => existsSync(join(CORE, `styles/${name}.layer.css`)));
  const wanted = ["baseline", "default-css-variables", "global", ...new Set(known)].sort((a, b) => place(a) - place(b));
  const listed = [...readFileSync(join(SRC, "app/mantine.css"), "utf8").matchAll(/styles\/([\w-]+)\.layer\.css/g)].map((m) => m[1]);
  expect(listed).toEqual(wanted);
});
