import { desk, told } from "../api/client";
import { Refusal } from "../api/http";
import type { Draft, FloorUpdate, FloorView, Schemas } from "../api/types";

export type Link = "connecting" | "live" | "lost";

export type Frame =
  | { type: "snapshot"; snapshot: FloorView }
  | { type: "update"; update: FloorUpdate }
  | { type: "draft"; draft: Draft }
  | { type: "typing"; chat_id: string }
  | { type: "colleague"; chat_id: string; worker_id: string; does: "looks" | "types" }
  | { type: "link"; link: Link }
  | { type: "signedOut" };

const FEED = "/api/feed";
const SILENCE_MS = 40_000;
const RETRY_MS = 1_500;

/** Read the floor: a snapshot first, then every update after it, for as long as the tab leads. */
export function readFloor(tell: (frame: Frame) => void): () => void {
  let source: EventSource | null = null;
  let watchdog = 0;
  let retry = 0;
  const data = <T>(event: Event) => JSON.parse((event as MessageEvent<string>).data) as T;

  const again = () => {
    source?.close();
    window.clearTimeout(retry);
    retry = window.setTimeout(open, RETRY_MS);
  };
  const alive = () => {
    window.clearTimeout(watchdog);
    watchdog = window.setTimeout(() => {
      tell({ type: "link", link: "lost" });
      again();
    }, SILENCE_MS);
  };
  const hear = (name: string, then: (event: Event) => void) =>
    source?.addEventListener(name, (event) => {
      alive();
      then(event);
    });

  function open() {
    source?.close();
    tell({ type: "link", link: "connecting" });
    source = new EventSource(FEED);
    source.onopen = () => {
      tell({ type: "link", link: "live" });
      alive();
    };
    hear("snapshot", (e) => tell({ type: "snapshot", snapshot: data<FloorView>(e) }));
    hear("message", (e) => tell({ type: "update", update: data<FloorUpdate>(e) }));
    hear("draft", (e) => tell({ type: "draft", draft: data<Draft>(e) }));
    hear("typing", (e) => {
      const { chat_id, by, worker_id } = data<Schemas["Typing"]>(e);
      if (by === "customer" && chat_id) tell({ type: "typing", chat_id });
      else if (chat_id && worker_id) tell({ type: "colleague", chat_id, worker_id, does: "types" });
    });
    hear("looking", (e) => tell({ type: "colleague", ...data<Schemas["Looking"]>(e), does: "looks" }));
    hear("beat", () => undefined);
    hear("reset", again);
    source.onerror = () => {
      tell({ type: "link", link: "lost" });
      // The browser resumes by itself with Last-Event-ID; only a refused feed is closed for good.
      if (source?.readyState === EventSource.CLOSED) void refused();
    };
  }

  async function refused() {
    try {
      await told(desk.GET("/api/floor"));
      again();
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) tell({ type: "signedOut" });
      else again();
    }
  }

  open();
  return () => {
    window.clearTimeout(watchdog);
    window.clearTimeout(retry);
    source?.close();
  };
}
