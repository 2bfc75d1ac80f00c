"""One row of the table of refusals."""

from typing import NamedTuple

HERE = "tests/refusals/test_"


class Row(NamedTuple):
    """`key` names the row for good. `shown` are tests, `file::name`; without one `limits` says why there is none."""

    key: str
    threat: str
    promise: str
    shown: tuple[str, ...]
    limits: str = ""


NOT_YET = "Not yet: "
NOT_HERE = "Not applicable: "


def here(module: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{HERE}{module}.py::test_{name}" for name in names)


def there(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"tests/{file}.py::test_{name}" for name in names)
