import { Button, Group, Modal, Select, Textarea } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useState } from "react";

import { useColleagues, useReplies } from "../api/queries";
import { useWords } from "../i18n";

interface Asked {
  open: boolean;
  onClose: () => void;
}

function Ask(props: Asked & { title: string; go: string; ready: boolean; onGo: () => unknown; children: ReactNode }) {
  const { say } = useWords();
  return (
    <Modal closeButtonProps={{ "aria-label": say("app.close") }} opened={props.open} onClose={props.onClose} title={props.title} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!props.ready) return;
          props.onGo();
          props.onClose();
        }}
      >
        {props.children}
        <Group justify="flex-end" mt="md">
          <Button type="submit" disabled={!props.ready}>
            {props.go}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

export function HandBackDialog(props: Asked & { onGo: (note: string) => unknown }) {
  const { say } = useWords();
  const [note, setNote] = useState("");
  return (
    <Ask {...props} title={say("chat.handBack")} go={say("chat.handBack")} ready={!!note.trim()} onGo={() => props.onGo(note)}>
      <Textarea
        data-autofocus
        label={say("chat.handBackNote")}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        onKeyDown={submitOnEnter}
        autosize
        minRows={2}
      />
    </Ask>
  );
}

/** Why nobody has to come to somebody who seemed to be in danger: kept, and asked for every time. */
export function NoDangerDialog(props: Asked & { onGo: (reason: string) => unknown }) {
  const { say } = useWords();
  const [reason, setReason] = useState("");
  return (
    <Ask {...props} title={say("chat.noDanger")} go={say("chat.noDanger")} ready={!!reason.trim()} onGo={() => props.onGo(reason)}>
      <Textarea
        data-autofocus
        label={say("chat.noDangerWhy")}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        onKeyDown={submitOnEnter}
        autosize
        minRows={2}
      />
    </Ask>
  );
}

/** How a chat ended: asked once, with nothing chosen beforehand, which would bias the counts. */
export function CloseDialog(props: Asked & { wrapUp: boolean; before: string | null; onGo: (disposition: string) => unknown }) {
  const { say } = useWords();
  const replies = useReplies();
  const dispositions = replies.data?.dispositions.length ? replies.data.dispositions : ["resolved"];
  const [chosen, setChosen] = useState<string | null>(null);
  const [listed, setListed] = useState(false);
  const how = chosen ?? props.before;
  const title = say(props.wrapUp ? "chat.endWrapUp" : "chat.close");
  return (
    <Ask {...props} title={title} go={title} ready={!!how} onGo={() => props.onGo(how ?? "")}>
      {/* Once chosen, Enter goes on: it would open the list again. */}
      <div
        onKeyDownCapture={(event) => {
          if (event.key !== "Enter" || listed || !how) return;
          event.preventDefault();
          event.stopPropagation();
          event.currentTarget.closest("form")?.requestSubmit();
        }}
      >
        <Select
          data-autofocus
          label={say("chat.disposition")}
          placeholder={say("chat.dispositionPick")}
          allowDeselect={false}
          data={[...new Set([...dispositions, ...(props.before ? [props.before] : [])])]}
          value={how}
          onChange={setChosen}
          onDropdownOpen={() => setListed(true)}
          onDropdownClose={() => setListed(false)}
        />
      </div>
    </Ask>
  );
}

export function TransferDialog(
  props: Asked & { me: string; onGo: (to: { to_worker?: string; to_group?: string; note: string }) => unknown },
) {
  const { say } = useWords();
  const colleagues = useColleagues(props.open);
  const [to, setTo] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const present = (colleagues.data ?? []).filter((w) => w.signed_on && w.worker_id !== props.me);
  const groups = [...new Set((colleagues.data ?? []).flatMap((w) => w.groups))];
  const nobody = colleagues.isSuccess && !present.length && !groups.length;
  return (
    <Ask
      {...props}
      title={say("chat.transfer")}
      go={say("chat.transfer")}
      ready={!!to}
      onGo={() => {
        const [kind, ...rest] = (to ?? "").split(":");
        const id = rest.join(":");
        return props.onGo(kind === "group" ? { to_group: id, note } : { to_worker: id, note });
      }}
    >
      <Select
        data-autofocus
        label={say("chat.transferTo")}
        {...(nobody ? { description: say("chat.transferNobody") } : {})}
        data={[
          ...present.map((w) => ({
            value: `worker:${w.worker_id}`,
            label: w.away ? `${w.name} (${say("presence.away")})` : w.name,
          })),
          ...groups.map((g) => ({ value: `group:${g}`, label: `# ${g}` })),
        ]}
        value={to}
        onChange={setTo}
        searchable
        selectFirstOptionOnChange
      />
      <Textarea mt="sm" label={say("chat.note")} value={note} onChange={(e) => setNote(e.currentTarget.value)} onKeyDown={submitOnEnter} />
    </Ask>
  );
}

function submitOnEnter(event: KeyboardEvent<HTMLTextAreaElement>) {
  if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  }
}
