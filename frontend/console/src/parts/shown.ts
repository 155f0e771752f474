import type { Language } from "../i18n";

export const LOCALE: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

/** How figures are written: nothing known is a dash, never a zero. */
export function shownIn(language: Language) {
  const locale = LOCALE[language];
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const tenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const fine = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const share = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const fineShare = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const or = (how: (n: number) => string) => (n: number | null | undefined) => (n === null || n === undefined ? "–" : how(n));
  return {
    whole: or((n) => whole.format(n)),
    tenth: or((n) => tenth.format(n)),
    fine: or((n) => fine.format(n)),
    share: or((n) => (n !== 0 && Math.abs(n) < 0.1 ? fineShare : share).format(n)),
    length: or((s) => {
      if (s < 60) return `${(s < 10 ? tenth : whole).format(s)} s`;
      if (s < 3_600) return `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")} min`;
      return `${tenth.format(s / 3_600)} h`;
    }),
    p: or((n) => (n < 0.001 ? "< 0.001" : n.toFixed(3))),
    day: (iso: string) =>
      new Date(`${iso}T00:00:00Z`).toLocaleDateString(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }),
    moment: (us: number) => new Date(us / 1_000).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" }),
  };
}

export type Shown = ReturnType<typeof shownIn>;
