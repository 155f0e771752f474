"""The AI: the Brain protocol, procedures, articles, the built-in brain, the LLM brain, tools."""
