"""Speed, memory and quality, measured: see docs/performance.md and docs/results.md."""
