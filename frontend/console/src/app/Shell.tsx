import { Badge, Button, Group, Menu, Modal, Table, Text, UnstyledButton } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { NavLink, useLocation, useNavigate } from "react-router";

import { desk, told } from "../api/client";
import type { Me } from "../api/types";
import { needsMe } from "../floor/sections";
import { useWords } from "../i18n";
import { useKeyOf } from "../keys/Kbd";
import { useKeys } from "../keys/useKeys";
import { useLive } from "../live/context";
import { showRefusal } from "../parts/notify";
import { usePreferences } from "../settings/preferences";
import { SearchDialog } from "./SearchDialog";
import classes from "./shell.module.css";
import { Toasts } from "./Toasts";

/** Comes when it is asked for: the first page does without it. */
const Palette = lazy(() => import("./Palette"));

const LEADS_PAGES = [
  ["/lead", "app.lead"],
  ["/numbers", "app.numbers"],
  ["/trial", "app.trial"],
  ["/evidence", "app.evidence"],
] as const;

/** The frame of every page: where one can go, whether the desk is live, and one's presence. */
export function Shell(props: { me: Me; desk: string; onSignedOut: () => void; children: ReactNode }) {
  const { me } = props;
  const { say } = useWords();
  const keyOf = useKeyOf();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const link = useLive((s) => s.link);
  const alerts = useLive((s) => Object.values(s.floor.chats).filter((c) => needsMe(c, me.worker_id)).length);
  // Before the floor is known nobody can say whether its worker is on duty.
  const presence = useLive((s) => (s.ready ? (s.floor.workers[me.worker_id]?.presence ?? "off") : null));
  const [help, setHelp] = useState(false);
  const [search, setSearch] = useState(false);
  const [palette, setPalette] = useState(false);
  usePaletteKey(() => setPalette(true));
  useKeys({ help: () => setHelp(true), search: () => setSearch(true) });
  const setPresence = (wish: "available" | "away" | "off") =>
    told(desk.POST("/api/presence", { body: { presence: wish } })).catch(showRefusal);
  const pages = [["/floor", "app.floor"], ...(me.role === "worker" ? [] : LEADS_PAGES), ["/settings", "app.settings"]] as const;
  const here = pages.find(([to]) => pathname.startsWith(to)) ?? pages[0];
  return (
    <div className={classes["frame"]} data-fits={pathname.startsWith("/floor") || undefined}>
      <a className={classes["skip"]} href="#chat">
        {say("app.skip")}
      </a>
      <header className={classes["bar"]}>
        <Group gap="md" wrap="nowrap" miw={0}>
          <Text fw={600} className={classes["name"] ?? ""} truncate>
            {props.desk}
          </Text>
          <nav aria-label="Stepin" className={classes["nav"]}>
            {pages.map(([to, key]) => (
              <NavLink key={to} to={to} className={({ isActive }) => `${classes["link"]} ${isActive ? classes["here"] : ""}`}>
                {say(key)}
              </NavLink>
            ))}
          </nav>
          <Menu position="bottom-start">
            <Menu.Target>
              <UnstyledButton className={classes["pages"]} aria-label={`${say("app.pages")}: ${say(here[1])}`}>
                <span aria-hidden>☰</span> {say(here[1])}
              </UnstyledButton>
            </Menu.Target>
            <Menu.Dropdown>
              {pages.map(([to, key]) => (
                <Menu.Item key={to} component={NavLink} to={to}>
                  {say(key)}
                </Menu.Item>
              ))}
              <Menu.Divider />
              <Menu.Item onClick={() => setSearch(true)}>{say("search.title")}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
        <Group gap="sm" wrap="nowrap">
          {alerts > 0 && (
            <Badge color="alert.8" variant="filled" data-testid="alerts" className={classes["alerts"] ?? ""}>
              {alerts === 1 ? say("app.alert") : say("app.alerts", { n: alerts })}
            </Badge>
          )}
          <Text size="sm" role="status" className={classes["live"] ?? ""} data-link={link}>
            <span aria-hidden>{link === "live" ? "●" : "○"}</span>{" "}
            <span className={classes["state"]}>{link === "live" ? say("app.live") : say("app.connecting")}</span>
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => setSearch(true)} {...keyOf("search")} visibleFrom="sm">
            {say("search.title")}
          </Button>
          {presence === "off" ? (
            <Button size="compact-sm" onClick={() => void setPresence("available")}>
              {say("presence.signOn")}
            </Button>
          ) : null}
          <Menu position="bottom-end">
            <Menu.Target>
              <UnstyledButton className={classes["me"] ?? ""} data-presence={presence ?? undefined}>
                {me.name}
                {presence && <span className={classes["presence"]}> · {say(`presence.${presence}`)}</span>}
              </UnstyledButton>
            </Menu.Target>
            <Menu.Dropdown>
              {presence !== "available" && <Menu.Item onClick={() => void setPresence("available")}>{say("presence.available")}</Menu.Item>}
              {presence === "available" && <Menu.Item onClick={() => void setPresence("away")}>{say("presence.away")}</Menu.Item>}
              {presence !== "off" && <Menu.Item onClick={() => void setPresence("off")}>{say("presence.signOff")}</Menu.Item>}
              <Menu.Divider />
              <Menu.Item onClick={() => setPalette(true)}>{say("palette.title")}</Menu.Item>
              <Menu.Item onClick={() => setHelp(true)}>{say("keys.title")}</Menu.Item>
              <Menu.Item onClick={() => void desk.DELETE("/api/session").finally(props.onSignedOut)}>{say("app.signOut")}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </header>
      {link === "lost" && (
        <div role="alert" className={classes["lost"]}>
          {say("app.lost")}
        </div>
      )}
      <Toasts as="band" />
      <div className={classes["content"]}>{props.children}</div>
      {palette && (
        <Suspense>
          <Palette pages={pages.map(([to, key]) => [to, say(key)] as const)} onClose={() => setPalette(false)} />
        </Suspense>
      )}
      <KeysHelp open={help} onClose={() => setHelp(false)} />
      {search && <SearchDialog onClose={() => setSearch(false)} onOpen={(id) => void navigate(`/replay/${encodeURIComponent(id)}`)} />}
    </div>
  );
}

/** Ctrl-K, or the command key and K, wherever the focus is. */
function usePaletteKey(open: () => void): void {
  const latest = useRef(open);
  latest.current = open;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      if (document.querySelector('[role="dialog"]')) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

function KeysHelp(props: { open: boolean; onClose: () => void }) {
  const { say } = useWords();
  const { preferences } = usePreferences();
  return (
    <Modal
      closeButtonProps={{ "aria-label": say("app.close") }}
      opened={props.open}
      onClose={props.onClose}
      title={say("keys.title")}
      centered
    >
      {!preferences.keys && <Text mb="sm">{say("keys.off")}</Text>}
      <Table>
        <Table.Tbody>
          {Object.entries(preferences.bindings).map(([action, key]) => (
            <Table.Tr key={action}>
              <Table.Td>
                <kbd>{key}</kbd>
              </Table.Td>
              <Table.Td>{say(`key.${action as "next"}`)}</Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Td>
              <kbd>Ctrl</kbd> <kbd>K</kbd>
            </Table.Td>
            <Table.Td>{say("palette.title")}</Table.Td>
          </Table.Tr>
          <Table.Tr>
            <Table.Td>
              <kbd>1</kbd>–<kbd>9</kbd>
            </Table.Td>
            <Table.Td>{say("key.row")}</Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
