import { Center, Loader } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";

import { desk, told } from "../api/client";
import { onDeskAnswered, onSessionEnded, Refusal, setCsrf } from "../api/http";
import type { SignedIn } from "../api/types";
import { keepFor } from "../chat/kept";
import { FloorPage } from "../floor/FloorPage";
import { useWords } from "../i18n";
import { LiveProvider, useLive } from "../live/context";
import { hideUnreached } from "../parts/notify";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { Toasts } from "./Toasts";

const LeadPage = lazy(() => import("../lead/LeadPage").then((m) => ({ default: m.LeadPage })));
const SettingsPage = lazy(() => import("../settings/SettingsPage").then((m) => ({ default: m.SettingsPage })));
const ReplayPage = lazy(() => import("../chat/ReplayPage").then((m) => ({ default: m.ReplayPage })));

const NumbersPage = lazy(() => import("../numbers/NumbersPage").then((m) => ({ default: m.NumbersPage })));
const TrialPage = lazy(() => import("../trial/TrialPage").then((m) => ({ default: m.TrialPage })));
const EvidencePage = lazy(() => import("../evidence/EvidencePage").then((m) => ({ default: m.EvidencePage })));

export function App() {
  const { say } = useWords();
  const queries = useQueryClient();
  const [me, setMe] = useState<SignedIn | null | "asking">("asking");
  useEffect(() => {
    told(desk.GET("/api/session"))
      .then((who) => {
        setCsrf(who.csrf);
        keepFor(who.worker_id);
        setMe(who);
      })
      .catch((error: unknown) => {
        if (!(error instanceof Refusal) || error.status !== 401) console.error(error);
        setMe(null);
      });
  }, []);
  const [ended, setEnded] = useState(false);
  const out = useCallback(() => setMe(null), []);
  const end = useCallback(() => {
    setEnded(true);
    setMe(null);
  }, []);
  const enter = useCallback(
    (who: SignedIn) => {
      // Whoever it is now: nothing is shown that was read for the one before.
      queries.clear();
      notifications.clean();
      keepFor(who.worker_id);
      setEnded(false);
      setMe(who);
    },
    [queries],
  );
  useEffect(() => onSessionEnded(end), [end]);
  if (me === "asking") {
    return (
      <Center h="100dvh">
        <Loader aria-label={say("app.loading")} />
      </Center>
    );
  }
  if (!me) return <SignIn ended={ended} onDone={enter} />;
  return (
    <LiveProvider>
      <Toasts as="beside" />
      {/* A key pressed after J belongs to the next chat: no page may follow later than its key. */}
      <BrowserRouter basename="/console" useTransitions={false}>
        <WhileSignedIn onSignedOut={end} />
        <Shell me={me} desk={me.desk} onSignedOut={out}>
          <Suspense
            fallback={
              <Center h="60vh">
                <Loader aria-label={say("app.loading")} />
              </Center>
            }
          >
            <Routes>
              <Route path="/floor/:chatId?" element={<FloorPage me={me} />} />
              <Route path="/replay/:chatId" element={<ReplayPage me={me} />} />
              {me.role !== "worker" && (
                <>
                  <Route path="/lead" element={<LeadPage />} />
                  <Route path="/numbers" element={<NumbersPage />} />
                  <Route path="/trial/:trial?" element={<TrialPage />} />
                  <Route path="/evidence/:report?" element={<EvidencePage />} />
                </>
              )}
              <Route path="/settings" element={<SettingsPage />} />
              <Route path="*" element={<Navigate to="/floor" replace />} />
            </Routes>
          </Suspense>
        </Shell>
      </BrowserRouter>
    </LiveProvider>
  );
}

function WhileSignedIn(props: { onSignedOut: () => void }) {
  const { onSignedOut } = props;
  const gone = useLive((s) => s.signedOut);
  const link = useLive((s) => s.link);
  useEffect(() => {
    if (link === "live") hideUnreached();
  }, [link]);
  useEffect(() => onDeskAnswered(hideUnreached), []);
  useEffect(() => {
    if (gone) onSignedOut();
  }, [gone, onSignedOut]);
  return null;
}
