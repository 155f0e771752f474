import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";

import { Refusal, sessionEnded } from "../api/http";
import { Changes } from "../chat/Changes";
import { Outdated } from "../chat/commands";
import { say } from "../i18n";
import { refusalWords } from "../i18n/refusals";

const UNREACHED = "unreached";

/** Whether no word came from the desk itself: the line is down, or what stands before the desk says so. */
const isUnreached = (refusal: Refusal) => refusal.code === "offline" || [502, 504].includes(refusal.status);

/** The desk is there again: that it can't be reached is no longer so. */
export const hideUnreached = () => notifications.hide(UNREACHED);

/** Say why something was refused, and what to do or what has changed. */
export function showRefusal(error: unknown): void {
  const refusal = error instanceof Refusal ? error : new Refusal(0, "error", String(error), "Try again.");
  // Not a refusal of this deed: the page of the sign-in says what has happened and what is kept.
  if (refusal.status === 401) {
    sessionEnded();
    return;
  }
  const unreached = isUnreached(refusal);
  const language = document.documentElement.lang === "zh" ? "zh" : "en";
  const { message, hint } = refusalWords(refusal, language);
  if (!unreached) hideUnreached();
  notifications.show({
    // However many commands meet with it, it is one cause: it stands once, and goes with it.
    ...(unreached ? { id: UNREACHED } : {}),
    color: "red",
    title: message,
    message: (
      <>
        <Text size="sm">{hint}</Text>
        {refusal instanceof Outdated && <Changes entries={refusal.entries} />}
      </>
    ),
    role: "alert",
    closeButtonProps: { "aria-label": say(language, "app.close") },
    autoClose: refusal instanceof Outdated ? 20_000 : 8_000,
  });
}
