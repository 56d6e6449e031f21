"""The line of a bluesky plan: while the RunEngine does what the plan asked for, the plan waits at that line."""


def is_engine(frame):
    """Whether this is the loop of a RunEngine."""
    code = frame.f_code
    return code.co_name == "_run" and code.co_filename.endswith("bluesky/run_engine.py")


def line(frame):
    """The innermost line of the user's own code in what the RunEngine of this frame is doing, or none."""
    from .where import place

    for plan in reversed(getattr(frame.f_locals.get("self"), "_plan_stack", ())):
        found = None
        for part in _parts(plan):
            found = place(part) or found
        if found:
            return found
    return None


def _parts(plan):
    """The frames of a plan, from its outermost generator to its innermost."""
    while plan is not None:
        plan = getattr(plan, "_iter", plan)
        frame = getattr(plan, "gi_frame", None) or getattr(plan, "cr_frame", None)
        if frame is None:
            return
        yield frame
        inner = getattr(plan, "gi_yieldfrom", None) or getattr(plan, "cr_await", None)
        plan = inner or _driven(frame)


def _driven(frame):
    """The plan that this one drives by itself, as the preprocessors of bluesky do."""
    if not frame.f_code.co_filename.endswith("bluesky/preprocessors.py"):
        return None
    stack = frame.f_locals.get("plan_stack")
    return stack[-1] if stack else frame.f_locals.get("plan")
