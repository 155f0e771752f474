import { Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";

import { desk, told } from "../api/client";
import { Refusal, setCsrf } from "../api/http";
import type { SignedIn } from "../api/types";
import { useWords } from "../i18n";
import { refusalWords } from "../i18n/refusals";

export function SignIn(props: { ended: boolean; onDone: (me: SignedIn) => void }) {
  const { say, language } = useWords();
  const [id, setId] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const me = await told(desk.POST("/api/session", { body: { worker_id: id.trim(), password } }));
      setCsrf(me.csrf);
      props.onDone(me);
    } catch (error) {
      setProblem(error instanceof Refusal ? error : new Refusal(0, "error", String(error), ""));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder shadow="sm" p="xl" w={380} maw="100%">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void go();
          }}
        >
          <Stack>
            <Title order={1} size="h2">
              {say("signIn.title")}
            </Title>
            {props.ended && (
              <Text role="alert" size="sm">
                {say("signIn.again")}
              </Text>
            )}
            <TextInput
              label={say("signIn.worker")}
              autoComplete="username"
              autoFocus
              required
              value={id}
              onChange={(event) => setId(event.currentTarget.value)}
            />
            <PasswordInput
              label={say("signIn.password")}
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            {problem && (
              <Text role="alert" c="red.9" size="sm">
                {refusalWords(problem, language).message} {refusalWords(problem, language).hint}
              </Text>
            )}
            <Button type="submit" loading={busy}>
              {say("signIn.go")}
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
