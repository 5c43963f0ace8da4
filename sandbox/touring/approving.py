"""Staff looks at the application and lets the business in; prices open."""

from sandbox.touring.story import Story


def approve(story: Story) -> None:
    """Found in the queue, approved with a group, told by mail; the price is there."""
