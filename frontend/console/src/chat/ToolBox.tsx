import { Alert, Button, Group, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";

import { desk, told } from "../api/client";
import { Refusal } from "../api/http";
import { useTools } from "../api/queries";
import type { ChatCard, Schemas } from "../api/types";
import { useWords } from "../i18n";
import { refusalWords } from "../i18n/refusals";
import { Fields as Records } from "../parts/Fields";
import { showRefusal } from "../parts/notify";
import { useShopWords } from "../parts/useShopWords";
import { command } from "./commands";

/** The JSON schema of a tool's arguments, as far as a form can be made of it. */
interface Parameters {
  properties?: Record<string, { type?: string; description?: string; enum?: string[] }>;
  required?: string[];
}

/** The tools that the AI has, in a worker's hands: first what a call would do, then the call. */
export function ToolBox(props: { card: ChatCard }) {
  const { card } = props;
  const { say, language } = useWords();
  const tools = useTools();
  const shop = useShopWords();
  const [name, setName] = useState<string | null>(null);
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [plan, setPlan] = useState<Schemas["PlanPreview"] | null>(null);
  const [problem, setProblem] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);
  const tool = tools.data?.tools.find((t) => t.name === name);

  const change = (field: string, value: unknown) => {
    setValues((before) => ({ ...before, [field]: value }));
    setPlan(null);
  };
  const run = async (what: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await what();
    } catch (error) {
      if (error instanceof Refusal && error.status !== 401) setProblem(error);
      else showRefusal(error);
    } finally {
      setBusy(false);
    }
  };
  const preview = () =>
    run(async () => {
      const params = { path: { chat_id: card.chat_id } };
      const body = { tool: name ?? "", arguments: values };
      setPlan(await told(desk.POST("/api/chats/{chat_id}/plan", { params, body })));
    });
  const propose = () =>
    run(async () => {
      await command(card, { type: "ProposeAction", tool: name ?? "", arguments: values });
      setPlan(null);
      setValues({});
      setName(null);
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (tool) void (plan || tool.risk === "read" ? propose() : preview());
      }}
    >
      <Stack gap="xs">
        <Select
          data-tools
          aria-label={say("chat.tools")}
          placeholder={say("chat.tools")}
          data={(tools.data?.tools ?? []).filter((t) => !t.stopped).map((t) => ({ value: t.name, label: shop.tool(t.name) }))}
          value={name}
          onChange={(value) => {
            setName(value);
            setValues({});
            setPlan(null);
            setProblem(null);
          }}
          searchable
          clearable
          size="sm"
        />
        {tool && <Text size="xs">{tool.doc.split("\n")[0]}</Text>}
        {tool && <Fields tool={tool} values={values} onChange={change} />}
        {problem && (
          <Alert color="red" variant="light" title={refusalWords(problem, language).message}>
            {refusalWords(problem, language).hint}
          </Alert>
        )}
        {plan && (
          <div data-testid="plan">
            <Records of={plan.arguments} />
            <Records of={plan.records} />
          </div>
        )}
        {tool && (
          <Group justify="flex-end">
            <Button type="submit" size="compact-md" loading={busy} variant={plan ? "filled" : "default"}>
              {say(plan || tool.risk === "read" ? "chat.runTool" : "chat.previewTool")}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

function Fields(props: { tool: Schemas["ToolCard"]; values: Record<string, unknown>; onChange: (field: string, value: unknown) => void }) {
  const shop = useShopWords();
  const { properties = {}, required = [] } = props.tool.parameters as Parameters;
  return Object.entries(properties).map(([field, schema]) => {
    const label = shop.field(field);
    const common = {
      label,
      size: "sm" as const,
      required: required.includes(field),
      ...(schema.description ? { description: schema.description } : {}),
    };
    if (schema.enum) {
      return (
        <Select
          key={field}
          {...common}
          data={schema.enum}
          value={(props.values[field] as string | undefined) ?? null}
          onChange={(value) => props.onChange(field, value)}
        />
      );
    }
    if (schema.type === "number" || schema.type === "integer") {
      return (
        <NumberInput
          key={field}
          {...common}
          value={(props.values[field] as number | undefined) ?? ""}
          onChange={(value) => props.onChange(field, value === "" ? undefined : Number(value))}
        />
      );
    }
    return (
      <TextInput
        key={field}
        {...common}
        value={(props.values[field] as string | undefined) ?? ""}
        onChange={(event) => props.onChange(field, event.currentTarget.value || undefined)}
      />
    );
  });
}
