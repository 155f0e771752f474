"""The LLM brain: any provider, under the same procedures, tools and fence. Needs ``stepin[llm]``.

Nothing outside of this package imports pydantic-ai.
"""
