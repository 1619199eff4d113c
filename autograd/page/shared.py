"""What a page computes as a picture does, with the same functions: the widths of arrows, and the marks of folded neurons."""

from __future__ import annotations

from functools import cache

from autograd.neurons import is_flat
from autograd.page.javascript import functions
from autograd.show.marks import is_dead, mark_of, size_of
from autograd.show.scale import flow_at, span_of, width_at, width_of

__all__ = ["shared"]


@cache
def shared() -> str:
    """JavaScript that defines SHARED, an object with these functions under Python's names."""
    return functions("SHARED", [span_of, width_of, width_at, flow_at, size_of, is_dead, is_flat, mark_of])
