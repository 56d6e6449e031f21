"""What is replaced, as it was."""

import select
import selectors
import threading
import time
from _thread import RLock, allocate_lock, get_ident, start_new_thread

import queue

__all__ = ["RLock", "allocate_lock", "get_ident", "start_new_thread"]

sleep = time.sleep
time_ns = time.time_ns
monotonic = time.monotonic
monotonic_ns = time.monotonic_ns
select_select = select.select
epoll_select = selectors.EpollSelector.select
epoll_close = selectors.EpollSelector.close
poll_select = selectors.PollSelector.select
condition_wait = threading.Condition.wait
join = threading.Thread.join
shutdown = threading._shutdown
SimpleQueue = queue.SimpleQueue
