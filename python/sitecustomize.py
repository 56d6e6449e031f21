"""What Python runs at its start in a preflight: the Python side of the twin, then what this file stands before."""

import sys


def _activate():
    try:
        import beamtwin

        beamtwin.activate()
    except Exception:
        # The preflight has ended. Whatever happens here, the script of the user runs.
        pass


def _give_way():
    """Runs the `sitecustomize` that would have been found without this one."""
    import importlib.util
    import os
    from importlib.machinery import PathFinder

    here = os.path.dirname(os.path.abspath(__file__))
    others = [it for it in sys.path if os.path.abspath(it) != here]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if sys.version_info >= (3, 9):
    _activate()
if sys.version_info >= (3, 5):
    _give_way()
