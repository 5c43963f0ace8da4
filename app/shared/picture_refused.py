"""Said of a file that should be a picture; apart from the maker, which loads Pillow."""

from app.shared.errors import AppError


class PictureRefused(AppError):
    """The file is no picture we can take; the message says what to send instead."""
