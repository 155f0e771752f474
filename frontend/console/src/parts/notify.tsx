import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";

import { Refusal } from "../api/http";
import { Outdated } from "../chat/commands";
import { Changes } from "../chat/Changes";

/** Say why something was refused, and what to do or what has changed. */
export function showRefusal(error: unknown): void {
  const refusal =
    error instanceof Refusal ? error : new Refusal(0, "error", String(error), "Try again.");
  notifications.show({
    color: "red",
    title: refusal.message,
    message: (
      <>
        <Text size="sm">{refusal.hint}</Text>
        {refusal instanceof Outdated && <Changes entries={refusal.entries} />}
      </>
    ),
    role: "alert",
    autoClose: refusal instanceof Outdated ? 20_000 : 8_000,
  });
}
