import { Button, Group, Modal, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { desk, told } from "../api/client";
import { useOwnWords } from "../i18n/own";
import { showRefusal } from "../parts/notify";
import { words } from "./words";

/** Looking early needs a reason, which stays in the log with the name of who looked. */
export function UnblindDialog(props: { trial: string; opened: boolean; onClose: () => void; onDone: () => void }) {
  const { say } = useOwnWords(words);
  const [why, setWhy] = useState("");
  const unblind = useMutation({
    mutationFn: () => told(desk.POST("/api/trials/{trial}/unblind", { params: { path: { trial: props.trial } }, body: { why } })),
    onSuccess: () => {
      props.onClose();
      props.onDone();
    },
    onError: showRefusal,
  });
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={say("unblindTitle")}
      centered
      closeButtonProps={{ "aria-label": say("cancel") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (why.trim()) unblind.mutate();
        }}
      >
        <Text size="sm" mb="sm">
          {say("unblindText", { trial: props.trial })}
        </Text>
        <Textarea
          data-autofocus
          label={say("why")}
          autosize
          minRows={2}
          maxLength={1000}
          value={why}
          onChange={(e) => setWhy(e.currentTarget.value)}
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={props.onClose}>
            {say("cancel")}
          </Button>
          <Button type="submit" color="alarm.8" disabled={!why.trim()} loading={unblind.isPending}>
            {say("unblindGo")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
