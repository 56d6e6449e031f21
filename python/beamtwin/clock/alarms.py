"""Who is to be woken at which device time."""

import heapq
from itertools import count

from . import place, real

_lock = real.RLock()
_numbers = count()
_heap = []
_shown = place.NEVER


def begin():
    """Starts the thread that wakes."""
    real.start_new_thread(_run, (place.connection,))


def forget():
    """Whoever waited is in another process."""
    global _lock, _heap, _shown
    _lock, _heap, _shown = real.RLock(), [], place.NEVER


def ring_at(deadline, ring):
    """Has `ring()` called at a device time; gives what `cancel` takes."""
    alarm = [deadline, next(_numbers), ring]
    with _lock:
        heapq.heappush(_heap, alarm)
        _show()
    if not place.active:
        ring()
    return alarm


def cancel(alarm):
    """Nobody need be woken any more."""
    alarm[2] = None
    with _lock:
        _show()


def ring_all():
    """Wakes everybody, whatever the time is."""
    _ring(place.NEVER)


def _show():
    global _shown
    while _heap and _heap[0][2] is None:
        heapq.heappop(_heap)
    earliest = _heap[0][0] if _heap else place.NEVER
    if earliest != _shown:
        _shown = earliest
        place.write(place.DEADLINE, earliest)


def _ring(until):
    due = []
    with _lock:
        while _heap and _heap[0][0] <= until:
            ring = heapq.heappop(_heap)[2]
            if ring is not None:
                due.append(ring)
        _show()
    for ring in due:
        ring()


def _run(connection):
    while connection is place.connection:
        try:
            heard = connection.recv(64)
        except OSError:
            heard = b""
        if not heard:
            if connection is place.connection:
                place.leave()
                ring_all()
            return
        _ring(place.now())
