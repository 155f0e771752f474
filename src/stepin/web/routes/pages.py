"""The few pages that the server writes itself: a way in, and the API's reference."""

from __future__ import annotations

from html import escape

import msgspec

from stepin.desk.state.policies import NO_AI
from stepin.errors import Missing
from stepin.web.auth.caller import ANYONE
from stepin.web.auth.token import IdentityClaims, sign
from stepin.web.routing.endpoint import Call, Endpoint, HttpReply, endpoint
from stepin.web.routing.openapi import openapi, reference_page

PART = "Pages"
_ANYONE = frozenset({ANYONE})
DEMO_HOURS = 12.0
_HTML = "text/html; charset=utf-8"
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;"
    "margin:3rem auto;padding:0 1rem;color:light-dark(#1c2430,#e3e8ee);"
    "background:light-dark(#fff,#181d23)}"
    "code,pre{background:light-dark(#f0f3f7,#2a313a);border-radius:4px;padding:.1em .3em}"
    "pre{padding:.8rem;white-space:pre-wrap;overflow-wrap:anywhere}a{color:light-dark(#0b57a4,#8fc3ff)}"
    "h1{letter-spacing:-.01em}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}"
    "dt{font-weight:600;margin-top:1rem}dl div{display:grid;grid-template-columns:6rem 1fr}"
    "dl div dt{margin:.2rem 0}dl div dd{margin:.2rem 0}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:1rem}"
    ".cards section{padding:1rem;border:1px solid light-dark(#d5dae1,#454d59);border-radius:10px}"
    ".cards h2{margin:0}.cards p{margin:.3rem 0 0}"
)


@endpoint("GET", "/", part=PART, who=_ANYONE, returns="text/html")
async def index(call: Call) -> HttpReply:
    """Say what runs here and how to get in."""
    name = escape(call.site.settings.name)
    guide = call.site.guide
    ways = _WAYS if guide is None else guide.page()
    if call.site.desk.policies.brainless:
        ways = f"<p>{escape(NO_AI)}</p>{ways}"
    body = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{name}</title>
<link rel="icon" href="data:,"><style>{_STYLE}</style><main><h1>{name}</h1>
<p>The desk is running.</p>{ways}
<p>For programs: <a href="/api/reference">the HTTP API</a>,
<a href="/api/openapi.json">its OpenAPI document</a>, <a href="/healthz">health</a>,
<a href="/readyz">readiness</a>.</p></main></html>"""
    return HttpReply(body=body.encode(), media=_HTML)


_WAYS = """<dl><dt>Be a customer</dt><dd><a href="/shop">a page with the chat on it</a>, or in a
terminal <pre>stepin chat</pre></dd>
<dt>Be the worker who watches over it</dt><dd><a href="/console/">the console</a>, or in a
terminal <pre>stepin worker watch</pre></dd></dl>"""


@endpoint("GET", "/shop", part=PART, who=_ANYONE, returns="text/html")
async def shop(call: Call) -> HttpReply:
    """Show a page of a shop with the widget on it, to try the desk as a customer."""
    site = call.site
    name, customer = escape(site.settings.name), site.settings.demo_customer
    who, signed = "an anonymous visitor", ""
    if customer:
        who = f"the customer {escape(customer)}, for whom this page has signed"
        signed = f' data-identity="{_signed(call, customer)}"'
    body = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{name}: try it</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style><h1>A page of your shop</h1>
<p>The chat in the corner is one script tag. Here you are {who}. Ask where your parcel is, cancel
an order, want your money back, or ask for a person.</p>
<pre>&lt;script src="/widget/stepin.js" data-auto&gt;&lt;/script&gt;</pre>
<script src="/widget/stepin.js" data-auto data-language="en"{signed}></script></html>"""
    return HttpReply(body=body.encode(), media=_HTML)


class DemoCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """The customer of a demo, with a token that says so."""

    customer_id: str
    identity: str


@endpoint("GET", "/api/demo/customer", part=PART, who=_ANYONE, returns=DemoCustomer)
async def demo_customer(call: Call) -> DemoCustomer:
    """Return the customer as whom anybody may write to a demo; a real desk has none."""
    customer = call.site.settings.demo_customer
    if not customer:
        raise Missing(
            "This desk has no demo customer.",
            hint="The host site signs who its customers are.",
            code="no_demo_customer",
        )
    return DemoCustomer(customer_id=customer, identity=_signed(call, customer))


def _signed(call: Call, customer: str) -> str:
    site = call.site
    until = site.clock_us() / 1e6 + DEMO_HOURS * 3_600
    claims = IdentityClaims(sub=customer, aud=site.settings.identity_audience, exp=until)
    return sign(claims, site.identity_secret)


@endpoint("GET", "/api/openapi.json", part=PART, who=_ANYONE, returns=dict)
async def openapi_document(call: Call) -> dict[str, object]:
    """Return the OpenAPI document."""
    return openapi(call.endpoints)


@endpoint("GET", "/api/reference", part=PART, who=_ANYONE, returns="text/html")
async def api_reference(call: Call) -> HttpReply:
    """Return the HTTP API as a page to read."""
    return HttpReply(body=reference_page(call.endpoints, _STYLE).encode(), media=_HTML)


ENDPOINTS: tuple[Endpoint, ...] = (
    index,
    shop,
    demo_customer,
    openapi_document,
    api_reference,
)
