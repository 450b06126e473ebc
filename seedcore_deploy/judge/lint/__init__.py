"""The judgement of source files: from LintFacts to findings at their places (pure)."""
