"""Which fault comes next: every point and kind in its turn, by a schedule that the seed shuffles, and some by chance.

"database gone" is a MariaDB that is killed and away for up to three seconds, and in the long form twice for a whole minute:
each absence counts as one of the kind, for twenty whole minutes of them would be most of a run. SQLite is a file and
cannot go away, so the kind is there with MariaDB alone.
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from tests.faults.hook import UNANSWERED, Struck, arm, disarm, is_armed
from tests.faults.points import AT_SQUARE, CALLS, FEEDERS, HELPING, OUTSIDE, OUTSIDE_OF_RQ, Fault, all_faults
from tests.faults.world import World

_BY_CHANCE = 0.2
# A fault that waits longer for a point that only troubles reach gets such a trouble.
_PATIENCE = 1.5
# A point that was struck is left in peace for so long: without that the jobs would only ever die.
_REST, _REST_OF_SQUARE = 4.0, 1.5
_LOOK = 0.3
_GONE_SECONDS = (0.3, 3.0)
# After so many short absences of the database, a long one.
_A_MINUTE, _MINUTES_AFTER = 60.0, (4, 12)


class Planner:
    """Orders faults at a pace, counts those that struck. `each`: how often every one of them is wanted (0: no matter),
    those of the runs `before` included."""

    def __init__(
        self, world: World, seed: int, each: int, *, pace: float, outside_every: float, before: Counter[Fault]
    ):
        self._world = world
        self._dice = random.Random(seed)
        self._each = each
        self._before = before
        self._pace, self._outside_every = pace, outside_every
        self._all = all_faults(world.mode)
        self._turn = {fault: self._dice.random() for fault in self._all}
        self._waiting: dict[str, tuple[Fault, float]] = {}  # at a point inside the shop
        self._rules: dict[int, tuple[Fault, float]] = {}  # at Square
        self.most: float = 0  # faults there may be by now, those that wait for their moment included
        self.struck = Struck(world.folder)
        self._rests: dict[str, float] = {}  # until when a point is left in peace
        self._done: Counter[Fault] = Counter()
        self._number = 0
        self._next_arming = self._next_outside = self._next_look = 0.0
        # What is away now: how it comes back, and when. By this thread: a child's life ends with the thread that began it.
        self._gone: tuple[Callable[[], None], float] | None = None
        self._minutes_after = list(_MINUTES_AFTER) if each else []

    # --- What happened so far ----------------------------------------------------------------------------------

    def counts(self) -> Counter[Fault]:
        """How often each struck."""
        for each in self.struck.look():
            self._done[Fault(each["point"], each["kind"])] += each["kind"] != UNANSWERED
        return Counter({fault: count for fault, count in self._done.items() if count})

    def counts_of_all(self) -> Counter[Fault]:
        """How often each struck, in the runs before, too."""
        return self.counts() + self._before

    def missing(self) -> dict[Fault, int]:
        """What has not struck as often as wanted, and how often it did."""
        counts = self.counts_of_all()
        return {fault: counts[fault] for fault in self._all if counts[fault] < self._each}

    # --- One beat ----------------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Count what struck, and order the next faults when it is time."""
        counts = self.counts_of_all()
        self._forget_what_struck()
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK
            with suppress(httpx.HTTPError):  # Square itself may be gone this moment
                self._read_rules()
                self._feed()
        if now >= self._next_arming and self._may_strike():
            self._next_arming = now + self._pace
            with suppress(httpx.HTTPError):
                self._arm_one(counts)
        if self._gone is not None:
            self._bring_back_when_due(now)
        elif now >= self._next_outside and self._may_strike():
            self._next_outside = now + self._outside_every
            self._strike_outside(counts)

    def _may_strike(self) -> bool:
        ordered = sum(self._done.values()) + len(self._waiting) + len(self._rules)
        return ordered < self.most and not self._world.is_behind.is_set()

    def end(self) -> None:
        """No more faults: what was ordered is taken back, and everything is running again."""
        disarm(self._world.folder)
        self._bring_back_when_due(math.inf)
        self._world.wait_until_it_answers()
        with suppress(httpx.HTTPError):
            self._read_rules()
        self._world.ask_square("DELETE", "/faults")
        self._waiting.clear()
        self._world.waits_for = frozenset()

    def _forget_what_struck(self) -> None:
        for point in list(self._waiting):
            if not is_armed(self._world.folder, point):
                del self._waiting[point]
                self._rests[point] = time.monotonic() + _REST

    def _read_rules(self) -> None:
        there = {rule["id"]: rule for rule in self._world.ask_square("GET", "/faults")["faults"]}
        for number, (fault, _) in list(self._rules.items()):
            if number in there and not there[number]["fired"]:
                continue
            if number in there:
                self._done[fault] += fault.kind not in HELPING
                self._world.ask_square("DELETE", f"/faults/{number}")
            del self._rules[number]  # a Square that was killed forgot it
            self._rests[f"square {fault.point}"] = time.monotonic() + _REST_OF_SQUARE

    # --- Ordering ----------------------------------------------------------------------------------------------

    def _arm_one(self, counts: Counter[Fault]) -> None:
        fault = self._choose(
            counts, [each for each in self._all if each.kind != "gone" and self._is_free(each)]
        )
        if fault is None:
            return
        if fault.kind in AT_SQUARE:
            self._tell_square(fault, AT_SQUARE[fault.kind])
            return
        self._number += 1
        self._waiting[fault.point] = (fault, time.monotonic())
        arm(self._world.folder, fault.point, fault.kind, self._number)

    def _choose(self, counts: Counter[Fault], free: list[Fault]) -> Fault | None:
        """Of what is wanted more often, the least struck; what has struck often enough rests while others are wanted."""
        if self._each and self.missing():
            free = [each for each in free if counts[each] < self._each]
        if not free:
            return None
        if self._dice.random() < _BY_CHANCE:
            return self._dice.choice(free)
        return min(free, key=lambda each: (counts[each], self._turn[each]))

    def _is_free(self, fault: Fault) -> bool:
        now = time.monotonic()
        if fault.kind in AT_SQUARE:
            is_waiting = any(each.point == fault.point for each, _ in self._rules.values())
            return not is_waiting and now >= self._rests.get(f"square {fault.point}", 0)
        return fault.point not in self._waiting and now >= self._rests.get(fault.point, 0)

    def _tell_square(self, fault: Fault, rule: dict[str, Any]) -> None:
        sent = {"call": CALLS[fault.point][1], "count": 1} | rule
        number = self._world.ask_square("POST", "/faults", sent)["id"]
        self._rules[number] = (fault, time.monotonic())

    def _feed(self) -> None:
        """Bring about what a waiting fault needs to be reached."""
        now = time.monotonic()
        waiting = [*self._waiting.values(), *self._rules.values()]
        long = [fault for fault, since in waiting if now - since >= _PATIENCE and fault.kind not in HELPING]
        self._world.waits_for = frozenset(fault.point for fault in long)
        for fault in long:
            feeders = FEEDERS.get(fault.point, [])
            if not feeders:
                continue
            call, kind = self._dice.choice(feeders)
            if self._is_free(Fault(call, "429")):
                for rule in HELPING.get(kind) or [AT_SQUARE[kind]]:
                    self._tell_square(Fault(call, kind), rule)

    # --- Processes ---------------------------------------------------------------------------------------------

    def _strike_outside(self, counts: Counter[Fault]) -> None:
        names = OUTSIDE + (OUTSIDE_OF_RQ if self._world.mode == "rq" else ())
        fault = self._choose(counts, [Fault(name, "gone") for name in names])
        if fault is None:
            return
        seconds = self._dice.uniform(*_GONE_SECONDS)
        if fault.point == "database" and self._minutes_after and counts[fault] > self._minutes_after[0]:
            seconds = _A_MINUTE
            self._minutes_after.pop(0)
        if self._strike(fault.point, time.monotonic() + seconds):
            self._done[fault] += 1

    def _strike(self, name: str, back_at: float) -> bool:
        """Kill or wipe it; False when there is nothing of that name this moment."""
        world = self._world
        servers = {"database": world.database, "redis": world.redis}
        server = servers.get(name)
        if server is not None:
            server.kill()
            self._gone = (server.come_back, back_at)
        elif name == "redis wiped" and world.redis is not None:
            world.redis.wipe()
        elif name in {"web", "square", "mail catcher"}:
            world.kill(name)
            self._gone = (lambda: world.start(name), back_at)
        else:
            return world.kill_one_of(name)
        return True

    def _bring_back_when_due(self, now: float) -> None:
        if self._gone is not None and now >= self._gone[1]:
            come_back, self._gone = self._gone[0], None
            come_back()
