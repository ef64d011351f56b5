"""A name -> a class."""

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from digestor.config import Part
from digestor.errors import ConfigError
from digestor.models import Message
from digestor.plugins import BUILT_IN, find, known
from digestor.protocols import Delivery, Office
from digestor.wiring import make
from tests.fakes import an_office


class Pigeon(BaseModel):
    """A delivery of somebody else's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["tests.test_plugins:Pigeon"]
    loft: str

    def deliver(self, message: Message, office: Office) -> list[str]:
        return [f"{self.loft}/{message.id}"]


def not_a_class() -> None:
    """Named by mistake."""


def test_a_class_of_ones_own_is_named_by_module_and_class() -> None:
    pigeon = make("delivery", Part.model_validate({"kind": "tests.test_plugins:Pigeon", "loft": "roof"}), "config")

    assert isinstance(pigeon, Delivery)
    assert pigeon.deliver(Message(id="2026-W47", subject="x", formats={}), an_office()) == ["roof/2026-W47"]


def test_its_keys_are_its_fields() -> None:
    with pytest.raises(ConfigError, match=r"delivery\[0\]: loft: field required") as caught:
        make("delivery", Part(kind="tests.test_plugins:Pigeon"), "delivery[0]")

    assert "has the keys: kind, loft" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("no.such.module:Thing", "cannot be imported"),
        ("tests.test_plugins:Missing", "cannot be imported"),
        ("tests.test_plugins:not_a_class", "no pydantic model"),
        ("flies", "did you mean 'files'"),
    ],
)
def test_a_name_that_leads_nowhere_is_told(kind: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        find("delivery", kind, "config")


@pytest.mark.parametrize("seam", BUILT_IN)
def test_every_built_in_name_leads_to_its_class(seam: Literal["source", "annotator", "delivery"]) -> None:
    for kind in known(seam):
        assert "kind" in find(seam, kind, "test").model_fields
