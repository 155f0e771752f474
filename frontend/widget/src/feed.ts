/** Longer than two of the desk's signs of life. */
const SILENCE_MS = 60_000;

export interface Listener {
  opened(): void;
  frame(event: string, data: string): void;
  /** The feed has ended; `status` is the answer's, 0 if there was none. */
  lost(status: number): void;
}

/**
 * Read server-sent events with headers, which `EventSource` can't send: no token stands in an
 * address, and a feed that is refused says why. Returns what ends it; after that nothing is told.
 */
export function listen(url: string, headers: Record<string, string>, tell: Listener): () => void {
  const end = new AbortController();
  const stopped = () => end.signal.aborted;
  let silence = 0;

  async function read(): Promise<number> {
    let over: () => void = () => undefined;
    const quiet = new Promise<null>((resolve) => (over = () => resolve(null)));
    const response = await fetch(url, { headers, signal: end.signal, cache: "no-store" });
    if (!response.ok || !response.body || stopped()) return response.status;
    tell.opened();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ; ) {
      clearTimeout(silence);
      silence = window.setTimeout(over, SILENCE_MS);
      const part = await Promise.race([reader.read(), quiet]);
      if (stopped() || !part || part.done) return 0;
      const frames = (rest + part.value).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const field = (name: string) =>
          frame
            .split("\n")
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const data = field("data");
        if (data !== undefined && !stopped()) tell.frame(field("event") ?? "message", data);
      }
    }
  }

  read()
    .catch(() => 0)
    .then((status) => {
      clearTimeout(silence);
      if (stopped()) return;
      end.abort();
      tell.lost(status);
    });
  return () => {
    clearTimeout(silence);
    end.abort();
  };
}
