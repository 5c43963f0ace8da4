"""Six messages people wrote to the demo shop, in every state, with what was answered."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoMessage:
    """`topic` is a value of the shop's topics; `assigned_to` is a staff address; hours count back from the seeding."""

    name: str
    email: str
    topic: str
    body: str
    status: str
    hours_ago: int
    assigned_to: str | None = None
    answer: str = ""


SUPPORT = "support@harborandpine.example"
OWNER = "owner@harborandpine.example"

MESSAGES = (
    DemoMessage(
        "Ines Carvalho", "ines@copperkettlecafe.example", "account",
        "We open our second room on the first of the month and would love to have your mugs on the shelf by then. "
        "Is there anything missing in our application?",
        "new", 5,
    ),
    DemoMessage(
        "Peter Hallowell", "peter@hallowellhardware.example", "other",
        "Do you deliver to islands? Our store is on Vinalhaven and the ferry takes pallets on Tuesdays and Fridays.",
        "new", 22,
    ),
    DemoMessage(
        "Hannah Brook", "buying@greenmountainmercantile.example", "return",
        "Two of the Shoreline bowls in our last delivery had hairline cracks. Photos are with our warehouse; "
        "where should we send them?",
        "assigned", 30, SUPPORT,
    ),
    DemoMessage(
        "Nora Whitcomb", "nora@birchandanchor.example", "product",
        "When do you expect the Celadon mugs in quantity? I could take ten cases for the spring.",
        "answered", 76, SUPPORT,
        "The kiln is booked for us in the second week of next month, so the end of that month is safe. "
        "I have put your name on ten cases; nothing is charged until they ship.",
    ),
    DemoMessage(
        "Carol Haskell", "carol@driftwoodgifts.example", "account",
        "I see that I cannot order at the moment. Who do I talk to about the two disputed payments?",
        "assigned", 120, OWNER,
    ),
    DemoMessage(
        "Miles Ortega", "miles@quietpress.example", "other",
        "We would like to print a story about wholesalers who still dip candles. May we visit with a camera?",
        "closed", 260, OWNER,
        "Gladly. Wednesdays are dipping days; come to the side door on Commercial Street after nine.",
    ),
)  # fmt: skip
