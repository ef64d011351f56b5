import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.faithful.agreement import supported, telling
from digestor.faithful.numbers import find


def agrees(line: str, source: str) -> bool:
    """Is every telling number of the line in the source? There must be one."""
    said = [number for number in find(line) if telling(number)]
    assert said
    return all(supported(number, find(source)) for number in said)


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("12 tasks", "twelve tasks"),
        ("twenty-five tasks", "25 tasks"),
        ("two hundred and five tasks", "205 tasks"),
        ("1.3 million steps", "1,282,167 steps"),
        ("1.3M steps", "1.3 million steps"),
        ("10k images", "10,000 images"),
        ("7B weights", "7 billion weights"),
        ("87 %", "87.4%"),
        ("87%", "a share of 0.87"),
        ("87 percent", "87\\%"),
        ("half the weights", "50 % of the weights"),
        ("half the weights", "twice the weights"),
        ("two thirds of them", "66.7 % of them"),
        ("3x faster", "three times faster"),
        ("3x faster", "a threefold gain"),
        ("twice as fast", "a 2x speed-up"),
        ("10x smaller", "an order of magnitude smaller"),
        ("10 to 20 %", "10-20%"),
        ("10 % and more", "gains of 10, 20 and 30 %"),
        ("over 80 %", "87 %"),
        ("nearly 90 %", "89.1 %"),
        ("about 300 papers", "297 papers"),
        ("5-shot", "5 shot"),
        ("10^5 states", "100,000 states"),
        ("1e-3", "0.001"),
        ("128x128 images", "128 x 128 images"),
        ("three parts", "parts (i), (ii) and (iii)"),
    ],
)
def test_numbers_agree_across_notation_and_rounding(line: str, source: str) -> None:
    assert agrees(line, source)


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("13 tasks", "twelve tasks"),
        ("87.4 %", "87 %"),
        ("85 %", "87 %"),
        ("5 %", "5 tasks"),
        ("over 90 %", "87 %"),
        ("nearly 80 %", "87 %"),
        ("over 93 million", "100 million"),
        ("102,000 units", "100,000 units"),
        ("1.4M steps", "1,282,167 steps"),
        ("7B weights", "7 million weights"),
        ("4x faster", "three times faster"),
        ("2x faster", "faster"),
        ("half the weights", "30 % of the weights"),
        ("2 %", "two tasks"),
    ],
)
def test_numbers_that_differ_do_not_agree(line: str, source: str) -> None:
    assert not agrees(line, source)


@pytest.mark.parametrize("name", ["GPT-4", "ResNet-50", "word2vec", "3D", "x^2", "L2", "COVID-19", "v2"])
def test_digits_of_a_name_are_no_number(name: str) -> None:
    assert find(f"It uses {name} here.") == []


@pytest.mark.parametrize("text", ["one of them", "two stages", "zero-shot", "1 layer", "2 layers"])
def test_the_smallest_counts_need_no_support(text: str) -> None:
    assert not any(map(telling, find(text)))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789.,-^eE%xkKMB {}()~twohalf\u0663\u0130", max_size=60))
def test_any_text_has_numbers_that_it_supports_itself(text: str) -> None:
    found = find(text)

    assert all(supported(number, found) for number in found)


@pytest.mark.parametrize(
    "text", ["1x" * 100_000, "9" * 300_000, "1,1" * 90_000, "5%" * 100_000, "one " * 70_000, "1-" * 150_000]
)
def test_every_number_of_a_long_hostile_text_is_where_it_says(text: str) -> None:
    found = find(text)

    assert all(0 <= number.start <= number.end <= len(text) for number in found)
