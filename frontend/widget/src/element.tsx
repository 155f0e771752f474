import { render } from "preact";

import { Client } from "./client";
import type { Identity } from "./identity";
import { style } from "./style";
import { Widget } from "./Widget";
import { wordsOf } from "./words";

const script = document.currentScript as HTMLScriptElement | null;

/**
 * `<stepin-chat>`: a chat with the desk, on any site.
 *
 * Attributes: `desk` (the desk's address, by default where the script came from), `identity` (the
 * token that the host site signs; without it the customer is anonymous), `language`, `open`. The
 * property `identity` also takes a function that returns a token, or a promise of one: it is asked
 * again when a token runs out. `identityexpired` is dispatched when there is no token to go on with.
 */
class StepinChat extends HTMLElement {
  static observedAttributes = ["identity"];
  private client: Client | null = null;
  private source: Identity | undefined;

  get identity(): Identity {
    return this.source === undefined ? this.getAttribute("identity") : this.source;
  }

  set identity(source: Identity) {
    this.source = source;
    this.client?.identify(source);
  }

  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (before !== now && this.client) this.identity = now;
  }

  connectedCallback(): void {
    // A property that was set before this class was known hides the one of the class.
    if (Object.hasOwn(this, "identity")) {
      const early = this.identity;
      delete (this as { identity?: Identity }).identity;
      this.source = early;
    }
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    const language = this.getAttribute("language") ?? (document.documentElement.lang || navigator.language);
    const client = new Client(
      {
        desk: (this.getAttribute("desk") ?? (script ? new URL(script.src).origin : "")).replace(/\/$/, ""),
        language,
        lapsed: () => this.dispatchEvent(new Event("identityexpired", { bubbles: true })),
      },
      () => this.draw(),
    );
    this.client = client;
    client.identify(this.identity);
    this.words = wordsOf(language);
    this.draw();
  }

  disconnectedCallback(): void {
    this.client?.stop();
    this.client = null;
    if (this.shadowRoot) render(null, this.shadowRoot);
  }

  /** Forget the chat, the visitor, drafts and unsent messages in this browser: the customer leaves. */
  logout(): void {
    this.removeAttribute("identity");
    this.source = null;
    this.client?.logout();
  }

  /** The same as `logout`. */
  reset(): void {
    this.logout();
  }

  private words = wordsOf("en");

  private draw(): void {
    const { client, shadowRoot } = this;
    if (!client || !shadowRoot) return;
    render(
      <div class="r">
        <Widget client={client} words={this.words} startOpen={this.hasAttribute("open")} />
      </div>,
      shadowRoot,
    );
  }
}

if (!customElements.get("stepin-chat")) customElements.define("stepin-chat", StepinChat);

// One script tag is enough: `data-auto` puts the element on the page.
if (script?.dataset["auto"] !== undefined) {
  const place = () => {
    const element = document.createElement("stepin-chat");
    for (const [name, value] of Object.entries(script.dataset)) {
      if (name !== "auto" && value !== undefined) element.setAttribute(name, value);
    }
    document.body.append(element);
  };
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
}
