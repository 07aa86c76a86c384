"""The figures the spine must reach: the swap-safe call, HTTP against nginx, swaps under load, start, build."""

from suites import spine_build, spine_calls, spine_http, spine_start, spine_swap

ROWS = [*spine_calls.ROWS, *spine_http.ROWS, *spine_start.ROWS, *spine_swap.ROWS, *spine_build.ROWS]
