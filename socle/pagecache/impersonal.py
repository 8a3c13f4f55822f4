"""While a public view runs, whatever tells one visitor from another cannot be reached (design §5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Never

from django.http import HttpRequest

# Also what a browser says of its owner: a page that varied by it would be served to others.
VISITOR_KEYS = {
    "CSRF_COOKIE",
    "CSRF_COOKIE_NEEDS_UPDATE",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_AUTHORIZATION",
    "HTTP_COOKIE",
    "HTTP_REFERER",
    "HTTP_USER_AGENT",
    "HTTP_X_FORWARDED_FOR",
    "REMOTE_ADDR",
    "REMOTE_USER",
}


class PersonalTouchError(Exception):
    """A public page reached for something of the visitor's."""


class Trace:
    """What the view touched: a template may swallow the exception, the trace stays."""

    def __init__(self) -> None:
        self.touched: str = ""

    def refuse(self, what: str) -> Never:
        self.touched = self.touched or what
        raise PersonalTouchError(f"A public page is the same for everybody: it cannot use {what}.")


class Untouchable:
    def __init__(self, trace: Trace, what: str) -> None:
        object.__setattr__(self, "_trace", trace)
        object.__setattr__(self, "_what", what)

    def _refuse(self, *_args: Any, **_kwargs: Any) -> Never:
        trace: Trace = object.__getattribute__(self, "_trace")
        trace.refuse(object.__getattribute__(self, "_what"))

    __getattr__ = __setattr__ = __delattr__ = __getitem__ = __setitem__ = __delitem__ = _refuse
    __contains__ = __iter__ = __len__ = __bool__ = __call__ = __str__ = __repr__ = __eq__ = __hash__ = _refuse


class ImpersonalMeta(dict[str, Any]):
    """The request's META, where the keys that tell one visitor from another are refused."""

    def __init__(self, meta: dict[str, Any], trace: Trace) -> None:
        super().__init__({key: value for key, value in meta.items() if key not in VISITOR_KEYS})
        self._trace = trace

    def _judge(self, key: object) -> None:
        if key in VISITOR_KEYS:
            self._trace.refuse(f"META[{key!r}]")

    def __getitem__(self, key: str) -> Any:
        self._judge(key)
        return super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._judge(key)
        super().__setitem__(key, value)

    def __contains__(self, key: object) -> bool:
        self._judge(key)
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._judge(key)
        return super().get(key, default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        self._judge(key)
        return super().setdefault(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        for key, value in dict(*args, **kwargs).items():
            self[key] = value


@contextmanager
def impersonal(request: HttpRequest) -> Iterator[None]:
    """Hide the visitor from whoever holds the request, then put them back; raises PersonalTouchError."""
    kept = dict(request.__dict__)
    trace = Trace()
    meta = ImpersonalMeta(request.META, trace)
    request.__dict__.pop("headers", None)  # computed from META when first read
    request.__dict__.update(
        META=meta,
        environ=meta,
        COOKIES=Untouchable(trace, "cookies"),
        session=Untouchable(trace, "the session"),
        user=Untouchable(trace, "the user"),
        auser=Untouchable(trace, "the user"),
        _messages=Untouchable(trace, "messages"),
        _csp_nonce=Untouchable(trace, "a nonce"),
    )
    try:
        yield
        if trace.touched:
            trace.refuse(trace.touched)
    finally:
        request.__dict__.clear()
        request.__dict__.update(kept)
