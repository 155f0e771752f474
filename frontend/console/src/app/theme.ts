import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/** Who speaks has a colour of its own everywhere: the AI, a worker, a whisper. */
export const VOICE = {
  ai: "indigo",
  worker: "step",
  whisper: "yellow",
  customer: "gray",
  system: "gray",
  note: "orange",
} as const;

const step: MantineColorsTuple = [
  "#e6f6f8",
  "#d0e9ed",
  "#a2d2da",
  "#71bac6",
  "#49a6b5",
  "#3099aa",
  "#1f93a6",
  "#0b7f92",
  "#077083",
  "#005f71",
];

/** Greys of the dark scheme: a little blue in them, so that voices stand on a calm ground. */
const dark: MantineColorsTuple = [
  "#dde3ea",
  "#b4bcc8",
  "#8d97a5",
  "#6a7482",
  "#39424d",
  "#2a313a",
  "#242b33",
  "#181d23",
  "#12161b",
  "#0d1014",
];

const one = (shade: string): MantineColorsTuple => [shade, shade, shade, shade, shade, shade, shade, shade, shade, shade];

/** Shades are dark enough for WCAG AA on both schemes with white text. */
export const theme = createTheme({
  primaryColor: "step",
  primaryShade: { light: 8, dark: 7 },
  colors: { step, dark, alert: one("#b3400a"), alarm: one("#c01c28"), hush: one("#7a5a00"), good: one("#1a6b34") },
  defaultRadius: "md",
  fontFamily: 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", sans-serif',
  fontWeights: { regular: "400", medium: "500", bold: "600" },
  headings: { fontWeight: "600" },
  cursorType: "pointer",
  respectReducedMotion: true,
  // A menu that opens puts the focus on its first item; an empty element in it is no item.
  components: {
    // Weight says what matters, not that something can be pressed: see the visual language.
    Button: { styles: { root: { fontWeight: 500 } } },
    Badge: { defaultProps: { tt: "none" }, styles: { root: { fontWeight: 500 } } },
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    // What to do about a refusal is read as easily as the refusal: the library's grey is too light.
    Notification: { defaultProps: { withBorder: true }, styles: { description: { color: "var(--mantine-color-text)" } } },
  },
});

/** Quiet text, placeholders and what is wrong, in colours that are read easily. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#4a5260",
    "--mantine-color-placeholder": "#5b6472",
    "--mantine-color-error": "#b01722",
  },
  dark: {
    "--mantine-color-dimmed": "#b4bcc8",
    "--mantine-color-placeholder": "#a7b0bd",
    "--mantine-color-error": "#ff9d9d",
  },
});
