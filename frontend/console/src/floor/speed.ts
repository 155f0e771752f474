/** How long it takes from the wish to see a chat until its words are on the screen, as this browser sees it. */
const NAME = "stepin.open-chat";
const KEPT = 200;

let wanted: { chatId: string; at: number } | null = null;
let taken: number[] = [];

/** Somebody wants to see a chat. */
export function wishToSee(chatId: string): void {
  wanted = { chatId, at: performance.now() };
}

/** The words of a chat are laid out: the next frame shows them. */
export function laidOut(chatId: string): void {
  if (wanted?.chatId !== chatId) return;
  const { at } = wanted;
  wanted = null;
  window.requestAnimationFrame(() => {
    const now = performance.now();
    taken = [...taken, now - at].slice(-KEPT);
    performance.measure(NAME, { start: at, end: now });
  });
}

/** The shares of what was measured, in milliseconds; null before anything was. */
export function speed(): { n: number; p50: number; p95: number } | null {
  const sorted = [...taken].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return sorted.length ? { n: sorted.length, p50: at(0.5), p95: at(0.95) } : null;
}
