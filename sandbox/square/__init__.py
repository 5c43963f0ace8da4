"""A look-alike of Square's payments API, which the real Square SDK talks to over real HTTP."""

from sandbox.square.server import SquareServer

__all__ = ["SquareServer"]
