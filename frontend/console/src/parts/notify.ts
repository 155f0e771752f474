import { notifications } from "@mantine/notifications";

import { Refusal } from "../api/http";

/** Say why something was refused, and what to do. */
export function showRefusal(error: unknown): void {
  const refusal =
    error instanceof Refusal ? error : new Refusal(0, "error", String(error), "Try again.");
  notifications.show({
    color: "red",
    title: refusal.message,
    message: refusal.hint,
    role: "alert",
    autoClose: 8_000,
  });
}
