"""A handful of utterances in two languages, for tests of what is learned from examples."""

from __future__ import annotations

UTTERANCES: dict[str, tuple[str, ...]] = {
    "parcel": (
        "where is my parcel",
        "my package still has not arrived",
        "has my order shipped yet",
        "tracking says nothing for a week",
        "when will the delivery come",
        "我的快递到哪里了",
        "包裹怎么还没到",
        "什么时候发货",
        "物流一直不更新",
        "查一下我的快递",
    ),
    "refund": (
        "i want my money back",
        "please refund this item",
        "how do i get a refund",
        "send my money back to the card",
        "the refund has not reached my bank",
        "我要退款",
        "钱什么时候退给我",
        "怎么申请退款",
        "退款还没到账",
        "把钱退回来",
    ),
    "address": (
        "change my delivery address",
        "i moved house send it to the new address",
        "wrong street on the order please correct it",
        "can you ship to another address",
        "update the address before it ships",
        "我要改收货地址",
        "地址填错了",
        "可以换个地址吗",
        "收货地址写错了帮我改一下",
        "搬家了地址要改",
    ),
}

PAIRS = [(text, intent) for intent, texts in UTTERANCES.items() for text in texts]
