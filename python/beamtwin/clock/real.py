"""What is replaced, as it was."""

import queue
import select
import threading
import time
from _thread import RLock, allocate_lock, get_ident, start_new_thread

__all__ = ["RLock", "allocate_lock", "get_ident", "start_new_thread"]

sleep = time.sleep
monotonic = time.monotonic
monotonic_ns = time.monotonic_ns
select_select = select.select
condition_wait = threading.Condition.wait
join = threading.Thread.join
shutdown = threading._shutdown
SimpleQueue = queue.SimpleQueue
