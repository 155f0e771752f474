/**
 * One feed for all tabs of a browser: over HTTP/1.1 a host gets six connections, and a worker has
 * more tabs than that. The tab that holds a lock reads the feed and tells the others.
 */
export interface Shared<T> {
  send(message: T): void;
  close(): void;
}

export function shareAcrossTabs<T>(
  name: string,
  lead: (send: (message: T) => void) => () => void,
  receive: (message: T) => void,
): Shared<T> {
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event: MessageEvent<T>) => receive(event.data);
  const aborted = new AbortController();
  let stop: (() => void) | null = null;
  const both = (message: T) => {
    receive(message);
    channel.postMessage(message);
  };
  const begin = () => {
    stop = lead(both);
  };
  if (navigator.locks) {
    navigator.locks
      .request(`${name}.leader`, { signal: aborted.signal }, () => {
        begin();
        return new Promise<void>((resolve) => aborted.signal.addEventListener("abort", () => resolve()));
      })
      .catch(() => undefined);
  } else begin();
  return {
    send: both,
    close() {
      aborted.abort();
      stop?.();
      channel.close();
    },
  };
}
