import { Modal, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";

import { useSearch } from "../api/queries";
import { PastChatRow } from "../chat/SidePanel";
import { useWords } from "../i18n";

export function SearchDialog(props: { open: boolean; onClose: () => void; onOpen: (id: string) => void }) {
  const { say } = useWords();
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), 250);
  const found = useSearch(asked);
  return (
    <Modal closeButtonProps={{ "aria-label": say("app.close") }} opened={props.open} onClose={props.onClose} title={say("search.title")} size="lg">
      <TextInput
        data-autofocus
        aria-label={say("search.title")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        mb="sm"
      />
      <div role="status">
        {found.data?.length === 0 && <Text size="sm">{say("search.none")}</Text>}
        {found.isError && <Text size="sm">{found.error.message}</Text>}
      </div>
      {(found.data ?? []).map((chat) => (
        <PastChatRow
          key={chat.chat_id}
          chat={chat}
          say={say}
          onOpen={(id) => {
            props.onClose();
            props.onOpen(id);
          }}
        />
      ))}
    </Modal>
  );
}
