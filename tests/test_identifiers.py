"""The names papers go by."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.text.identifiers import arxiv, content_id, doi, safe_url, url_of


@pytest.mark.parametrize(
    ("text", "id", "version"),
    [
        ("2611.10000", "2611.10000", None),
        ("2611.20001v3", "2611.20001", 3),
        ("0704.0156", "0704.0156", None),
        ("1412.9999v12", "1412.9999", 12),
        ("hep-th/9901001v3", "hep-th/9901001", 3),
        ("math.GT/0309136", "math/0309136", None),
        ("arXiv:2303.00763v2", "2303.00763", 2),
        ("oai:arXiv.org:2303.00763", "2303.00763", None),
        ("https://arxiv.org/abs/2303.00763v1", "2303.00763", 1),
        ("http://export.arxiv.org/pdf/2303.00763.pdf", "2303.00763", None),
        ("arxiv.org/html/2303.00763v1", "2303.00763", 1),
        ("https://huggingface.co/papers/2303.00763", "2303.00763", None),
        ("hf.co/papers/2303.00763", "2303.00763", None),
        ("10.48550/arXiv.2303.00763", "2303.00763", None),
        ("https://doi.org/10.48550/arXiv.2303.00763", "2303.00763", None),
        ("  2303.00763 \n", "2303.00763", None),
    ],
)
def test_an_arxiv_id_is_known_in_all_its_forms(text: str, id: str, version: int | None) -> None:
    assert arxiv(text) == (id, version)


@pytest.mark.parametrize(
    "text",
    [
        "2413.00001", "2400.1", "2611.1000", "1412.99999", "0612.0001", "see 2611.10000", "2611.10000 is one",
        "hep-xx/9901001", "2401.00001?redirect=https://evil.example#x", "2401.00001\x00.html",
        "../2401.00001", "12.345", "", "²611.10000",
    ],
)  # fmt: skip
def test_what_is_no_arxiv_id_is_none(text: str) -> None:
    assert arxiv(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("10.1000/182", "10.1000/182"),
        ("https://doi.org/10.1000/ABC.182.", "10.1000/abc.182"),
        ("doi: 10.1016/S0140-6736(20)30183-5", "10.1016/s0140-6736(20)30183-5"),
        ("10.1000/182)", "10.1000/182"),
        ("10.1000/182),", "10.1000/182"),
        ("10.1000/", None),
        ("11.1000/182", None),
        ("the DOI 10.1000/182", None),
        ("10.1000/1 82", None),
    ],
)
def test_a_doi_is_lower_case_and_without_resolver(text: str, name: str | None) -> None:
    assert doi(text) == name


def test_the_same_words_have_the_same_id_however_they_are_laid_out() -> None:
    assert content_id("A Title: Of Words", "Some text.") == content_id("a title of  words", "some\ntext")
    assert content_id("Café", "") == content_id("Cafe\u0301", "")


def test_other_words_have_another_id() -> None:
    ids = {
        content_id("A", "B"),
        content_id("A", "C"),
        content_id("???", ""),
        content_id("!!!", ""),
        content_id("方法", ""),
    }

    assert len(ids) == 5
    assert all(len(name) == 14 and name.startswith("p-") for name in ids)


def test_the_page_of_a_paper_is_made_of_its_id() -> None:
    assert url_of("hep-th/9901001", "10.1000/182") == "https://arxiv.org/abs/hep-th/9901001"
    assert url_of(None, "10.1016/S0140-6736(20)30183-5") == "https://doi.org/10.1016/S0140-6736(20)30183-5"
    assert url_of(None, '10.1000/a"><b?c#d') == "https://doi.org/10.1000/a%22%3E%3Cb%3Fc%23d"
    assert url_of("../evil", None) is None
    assert url_of(None, None) is None


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org",
        "http://a.example.co.uk:8080/x?y=1&z=%20#top",
        "https://bücher.example/a(b)_c~d",
        " https://a.org/ ",
    ],
)
def test_a_sane_address_is_safe(text: str) -> None:
    assert safe_url(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a.org/x", "//a.org/x",
        "https://a.org@evil.example/", "https://user:pass@a.org/", "http://localhost:8080/",
        "http://169.254.169.254/x", "http://[::1]/", "https://a.org/a b", 'https://a.org/"onclick=',
        "https://a.org/<b>", "https://a.org/\u202e", "https://a.org:99999/", "https://", "https://[", "",
        "https://a.org/" + "x" * 3000, "https://a.org/\ud800", "https://-a.org/", "https://a..org/",
        r"https://a.org\@evil.example/",
    ],
)  # fmt: skip
def test_any_other_address_is_refused(text: str) -> None:
    assert safe_url(text) is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_asked_about(one: str, two: str) -> None:
    for text in (one, f"https://{one}/{two}", f"10.1000/{one}", f"arxiv:{one}"):
        found = arxiv(text)
        assert found is None or arxiv(found.id) == (found.id, None)
        assert (name := doi(text)) is None or doi(name) == name
        assert (address := safe_url(text)) is None or address.startswith(("http", "HTTP", "Http"))
    assert content_id(one, two) == content_id(one, two)
