"""Changes to other modules, made when somebody imports them. Nothing is imported for their sake."""

import sys

from . import complain

_wanted = {}


def after_import(name, change):
    """Calls `change(module)` after the module of this name was imported, or now if it was already."""
    module = sys.modules.get(name)
    if module is not None:
        _apply(name, module, [change])
        return
    if not _wanted:
        sys.meta_path.insert(0, _Finder)
    _wanted.setdefault(name, []).append(change)


def replace(owner, name, make):
    """Replaces a function by `make(function)`, which has its name and its documentation."""
    function = getattr(owner, name)
    new = make(function)
    for attribute in ("__module__", "__name__", "__qualname__", "__doc__"):
        if hasattr(function, attribute):
            setattr(new, attribute, getattr(function, attribute))
    setattr(owner, name, new)


def _apply(name, module, changes):
    for change in changes:
        try:
            change(module)
        except Exception as error:
            complain(f"{name} stays as it is: {error!r}")


class _Finder:
    """Finds modules as the others do."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in _wanted:
            return None
        for finder in sys.meta_path:
            find = None if finder is cls else getattr(finder, "find_spec", None)
            spec = find and find(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader)
                return spec
        return None


class _Loader:
    """Loads a module as another loader does, and has it changed then."""

    def __init__(self, loader):
        self._loader = loader

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        # The module is not to know.
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        name = module.__spec__.name
        _apply(name, module, _wanted.pop(name, ()))
