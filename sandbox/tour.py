"""`make tour`: walk the shop's main job over HTTP as three people, and stop at the first thing that is wrong."""

import argparse
import os
import sys

import httpx

from sandbox.running.plan import PortNotANumber
from sandbox.touring import afterwards, approving, buying, registering
from sandbox.touring.outside import Ledger, Mailbox
from sandbox.touring.report import Report
from sandbox.touring.story import Story
from sandbox.touring.trouble import CannotTour, TourFailed
from sandbox.touring.where import Shop, open_shop


def walk(shop: Shop) -> str:
    """All of it, in order; returns the closing words, TourFailed at the first thing that is wrong."""
    report = Report()
    print(f"Touring {shop.url} (JOBS={shop.jobs})", flush=True)
    mailbox, ledger = Mailbox(shop.mailbox, shop.patience), Ledger(shop.square, shop.patience)
    story = Story(shop.url, report, mailbox, ledger, shop.patience)
    try:
        report.chapter("A stranger")
        registering.choose_goods(story)
        registering.look_as_a_stranger(story)
        registering.register(story)
        registering.apply(story)
        report.chapter("Approval")
        approving.approve(story)
        report.chapter("Buying")
        buying.fill_cart(story)
        buying.buy(story)
        report.chapter("Afterwards")
        afterwards.cancel_an_order(story)
        afterwards.ask_a_question(story)
        afterwards.shut_out(story)
    finally:
        story.close()
    return report.sum_up()


def main() -> int:
    """Status 0 when all was well, 1 when something was wrong, 2 when there was no shop to walk through."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.tour", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="start a shop of its own even if one runs")
    given = parser.parse_args()
    try:
        with open_shop(os.environ, is_fresh=given.fresh) as shop:
            print(walk(shop), flush=True)
    except TourFailed:
        return 1
    except httpx.HTTPError as error:
        print(f"The sandbox beside the shop does not answer: {error}", file=sys.stderr)
        return 1
    except (CannotTour, PortNotANumber) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
