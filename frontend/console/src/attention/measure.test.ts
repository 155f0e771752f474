import { expect, it } from "vitest";

import { Attention, type Stretch } from "./measure";

function measured(tell: (a: Attention, wait: (ms: number) => void) => void): Stretch[] {
  let now = 0;
  const stretches: Stretch[] = [];
  tell(
    new Attention(
      () => now,
      (s) => stretches.push(s),
    ),
    (ms) => (now += ms),
  );
  return stretches;
}

it("counts what was in view and what of it was active", () => {
  const [, first] = measured((a, wait) => {
    wait(1);
    a.view("c1");
    a.input();
    wait(50_000);
    a.view("c2");
  });
  expect(first).toEqual({ chat_id: "c1", duration_ms: 50_000, active_ms: 30_000, to_chat_id: "c2" });
});

it("counts nothing while the window is in the back", () => {
  const stretches = measured((a, wait) => {
    a.view("c1");
    wait(1_000);
    a.window(false);
    wait(60_000);
    a.window(true);
    wait(2_000);
    a.view(null);
  });
  expect(stretches.map((s) => s.duration_ms)).toEqual([1_000, 2_000]);
});

it("never counts more activity than time", () => {
  const stretches = measured((a, wait) => {
    a.view("c1");
    for (let i = 0; i < 10; i++) {
      a.input();
      wait(700);
    }
    a.flush();
  });
  expect(stretches).toHaveLength(1);
  expect(stretches[0]?.active_ms).toBe(7_000);
});
