import { render } from "preact";

import { style } from "./style";
import { Widget } from "./Widget";

const script = document.currentScript as HTMLScriptElement | null;

/**
 * `<stepin-chat>`: a chat with the desk, on any site.
 *
 * Attributes: `desk` (the desk's address, by default where the script came from), `identity` (the
 * token that the host site signs; without it the customer is anonymous), `language`, `open`.
 */
class StepinChat extends HTMLElement {
  connectedCallback(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    const options = {
      desk: (this.getAttribute("desk") ?? (script ? new URL(script.src).origin : "")).replace(/\/$/, ""),
      identity: this.getAttribute("identity"),
      language: this.getAttribute("language") ?? (document.documentElement.lang || navigator.language),
    };
    render(
      <div class="r">
        <Widget options={options} startOpen={this.hasAttribute("open")} />
      </div>,
      root,
    );
  }

  disconnectedCallback(): void {
    if (this.shadowRoot) render(null, this.shadowRoot);
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
