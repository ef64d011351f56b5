"""PubMed: its XML with all that is in it, a search and its pages, papers asked for by id."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask, Covers, Lookup, Reach, Reply, Source, Window
from digestor.sources.pubmed import Pubmed, parse
from tests.fakes import a_paper, a_reach
from tests.hosting import Answer, Asked, Host

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))
DOCTYPE = (
    '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2026//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_260101.dtd">\n'
)
ABSTRACT = """<Abstract>
  <AbstractText Label="BACKGROUND" NlmCategory="BACKGROUND">
     Bees lose H<sub>2</sub>O at 10<sup>3</sup> times, p&lt;0.05.</AbstractText>
  <AbstractText Label="METHODS">We gave <i>Apis
     mellifera</i> <mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:semantics><mml:mi>n</mml:mi><mml:mo>=</mml:mo>
     <mml:mn>9</mml:mn><mml:annotation encoding="application/x-tex">n=9 again</mml:annotation>
     </mml:semantics></mml:math> lamps.<!-- no --></AbstractText>
  <AbstractText Label="UNLABELLED">They chose one.</AbstractText>
  <CopyrightInformation>© 2026 The Bees.</CopyrightInformation>
</Abstract>"""
AUTHORS = """<AuthorList CompleteYN="Y">
  <Author ValidYN="Y"><LastName>Doe</LastName><ForeName>Jane A</ForeName><Initials>JA</Initials></Author>
  <Author ValidYN="N"><LastName>Deo</LastName><ForeName>Jane A</ForeName></Author>
  <Author ValidYN="Y"><LastName>Roe</LastName><Initials>R</Initials><Suffix>Jr</Suffix></Author>
  <Author ValidYN="Y"><CollectiveName>Bee Study Group</CollectiveName></Author>
</AuthorList>"""
ONLINE = '<ArticleDate DateType="Electronic"><Year>2026</Year><Month>11</Month><Day>03</Day></ArticleDate>'
ISSUE = "<PubDate><Year>2026</Year><Month>Dec</Month><Day>1</Day></PubDate>"
IDS = """<ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId>
  <ArticleId IdType="doi">10.1000/Bees.{pmid}</ArticleId></ArticleIdList>"""
HISTORY = """<History><PubMedPubDate PubStatus="received"><Year>2026</Year><Month>1</Month><Day>2</Day></PubMedPubDate>
  <PubMedPubDate PubStatus="entrez"><Year>2026</Year><Month>11</Month><Day>17</Day><Hour>0</Hour></PubMedPubDate>
  </History>"""
CITED = """<ReferenceList><Reference><Citation>Older</Citation><ArticleIdList>
  <ArticleId IdType="doi">10.1000/cited</ArticleId></ArticleIdList></Reference></ReferenceList>"""


def an_article(pmid: int | str = 39000001, **parts: str) -> str:
    """An article in PubMed's XML; each part can be put in place of the usual one."""
    given = {
        "title": "Bees under <i>lamps</i>.",
        "abstract": ABSTRACT,
        "authors": AUTHORS,
        "online": ONLINE,
        "issue": ISSUE,
        "place": "",
        "types": "<PublicationType UI='D016428'>Journal Article</PublicationType>",
        "more": "",
        "ids": IDS.format(pmid=pmid),
        **parts,
    }
    return (
        '<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
        "<Article><Journal><JournalIssue>{issue}</JournalIssue><Title>Journal of Bees</Title>"
        "<ISOAbbreviation>J Bees</ISOAbbreviation></Journal><ArticleTitle>{title}</ArticleTitle>"
        "{place}{abstract}{authors}<PublicationTypeList>{types}</PublicationTypeList>{online}</Article>{more}</MedlineCitation>"
        "<PubmedData>{history}{ids}{cited}</PubmedData></PubmedArticle>"
    ).format(pmid=pmid, history=HISTORY, cited=CITED, **given)


BOOK = """<PubmedBookArticle><BookDocument><PMID Version="1">39000077</PMID>
  <ArticleIdList><ArticleId IdType="bookaccession">NBK1</ArticleId>
  <ArticleId IdType="doi">10.1000/hive</ArticleId></ArticleIdList>
  <Book><Publisher><PublisherName>Hive</PublisherName></Publisher><BookTitle book="hive">The Book of Hives</BookTitle>
  <PubDate><Year>2026</Year><Month>11</Month><Day>5</Day></PubDate>
  <AuthorList Type="editors"><Author><LastName>Ed</LastName><ForeName>Itor</ForeName></Author></AuthorList></Book>
  <ArticleTitle book="hive" part="ch1">Wax</ArticleTitle>
  <AuthorList Type="editors"><Author><LastName>Ed</LastName></Author></AuthorList>
  <AuthorList Type="authors"><Author><LastName>Doe</LastName><ForeName>Jane</ForeName></Author></AuthorList>
  <PublicationType UI="D016454">Review</PublicationType>
  <Abstract><AbstractText>Wax is made by bees.</AbstractText></Abstract></BookDocument>
  <PubmedBookData/></PubmedBookArticle>"""


def a_set(*articles: str) -> bytes:
    return f"{DOCTYPE}<PubmedArticleSet>{''.join(articles)}</PubmedArticleSet>".encode()


def one(article: str) -> Paper:
    (paper,) = parse(a_set(article), "saved.xml")
    assert isinstance(paper, Paper)
    return paper


# Its XML


def test_an_article_becomes_a_paper_with_all_that_it_says() -> None:
    more = (
        "<MeshHeadingList><MeshHeading><DescriptorName>Bees</DescriptorName><QualifierName>x</QualifierName></MeshHeading>"
        "</MeshHeadingList><KeywordList><Keyword>lamps</Keyword><Keyword>Bees</Keyword></KeywordList>"
    )

    paper = one(an_article(more=more))

    assert paper.title == "Bees under lamps"
    assert paper.authors == ("Jane A Doe", "R Roe Jr", "Bee Study Group")
    assert paper.published == datetime(2026, 11, 3, tzinfo=UTC)
    assert paper.announced == date(2026, 11, 17)
    assert (paper.pmid, paper.doi) == ("39000001", "10.1000/bees.39000001")
    assert paper.url == "https://doi.org/10.1000/bees.39000001"
    assert paper.categories == ("Bees", "lamps")
    assert (paper.venue, paper.licence) == ("Journal of Bees", "© 2026 The Bees.")
    assert (paper.source, paper.standing) == ("pubmed", "active")


def test_the_parts_of_an_abstract_are_paragraphs_with_their_labels() -> None:
    paper = one(an_article())

    assert paper.abstract.split("\n") == [
        "BACKGROUND: Bees lose H2O at 10^3 times, p<0.05.",
        "METHODS: We gave Apis mellifera n=9 lamps.",
        "They chose one.",
    ]


def test_an_article_without_an_abstract_is_a_paper() -> None:
    assert one(an_article(abstract="")).abstract == ""


@pytest.mark.parametrize(
    ("online", "issue", "published"),
    [
        ("", ISSUE, datetime(2026, 12, 1, tzinfo=UTC)),
        ("", "<PubDate><Year>2026</Year><Month>Dec</Month></PubDate>", None),
        ("", "<PubDate><Year>2026</Year></PubDate>", None),
        ("", "<PubDate><MedlineDate>2026 Nov-Dec</MedlineDate></PubDate>", None),
        ("", "", None),
        (ONLINE.replace("03", "31"), "", None),
        (ONLINE.replace("2026", "9" * 60), "", None),
    ],
)
def test_only_a_full_date_is_a_date(online: str, issue: str, published: datetime | None) -> None:
    assert one(an_article(online=online, issue=issue)).published == published


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("[Bees and wasps].", "Bees and wasps"),
        ("[Bees] and [wasps].", "[Bees] and [wasps]"),
        ("Do bees count?", "Do bees count?"),
        ("And so on...", "And so on..."),
        ("[Not Available].</ArticleTitle><VernacularTitle>Die Bienen.</VernacularTitle><ArticleTitle>", "Die Bienen"),
        ("", "(untitled)"),
    ],
)
def test_a_title_loses_what_pubmed_put_around_it(title: str, shown: str) -> None:
    assert one(an_article(title=title)).title == shown


def test_the_doi_may_stand_with_the_article_and_is_never_that_of_a_cited_paper() -> None:
    place = '<ELocationID EIdType="doi" ValidYN="Y">10.1000/PLACE</ELocationID>'

    assert one(an_article(ids="", place=place)).doi == "10.1000/place"
    assert one(an_article(ids="", place=place.replace('"Y"', '"N"'))).doi is None


def test_a_paper_without_a_doi_leads_to_its_page_at_pubmed() -> None:
    paper = one(an_article(ids=""))

    assert paper.id == "pmid:39000001"
    assert paper.url == "https://pubmed.ncbi.nlm.nih.gov/39000001/"


def test_a_preprint_of_arxivs_has_its_id() -> None:
    paper = one(an_article(ids="", place='<ELocationID EIdType="pii">arXiv:2611.00101v2</ELocationID>'))

    assert (paper.arxiv_id, paper.version) == ("2611.00101", 2)
    assert paper.url == "https://arxiv.org/abs/2611.00101"


@pytest.mark.parametrize(
    "parts",
    [
        {
            "types": "<PublicationType>Journal Article</PublicationType>"
            "<PublicationType>Retracted Publication</PublicationType>"
        },
        {
            "more": '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>J</RefSource>'
            "</CommentsCorrections></CommentsCorrectionsList>"
        },
    ],
)
def test_a_retracted_paper_is_known(parts: dict[str, str]) -> None:
    assert one(an_article(**parts)).standing == "retracted"


def test_the_notice_of_a_retraction_is_not_itself_retracted() -> None:
    assert one(an_article(types="<PublicationType>Retraction Notice</PublicationType>")).standing == "active"


def test_a_chapter_of_a_book_is_a_paper() -> None:
    paper = one(BOOK)

    assert (paper.title, paper.venue, paper.doi) == ("Wax", "The Book of Hives", "10.1000/hive")
    assert paper.authors == ("Jane Doe",)
    assert paper.published == datetime(2026, 11, 5, tzinfo=UTC)
    assert paper.abstract == "Wax is made by bees."


def test_subjects_are_bounded() -> None:
    keywords = "".join(f"<Keyword>word {n}</Keyword>" for n in range(500))

    assert len(one(an_article(more=f"<KeywordList>{keywords}</KeywordList>")).categories) == 40


def test_entities_of_the_dtd_that_is_not_fetched_are_written_out() -> None:
    assert one(an_article(title="Caf&eacute; bees.")).title == "Café bees"


def test_an_odd_record_is_a_problem_and_the_next_is_read() -> None:
    bad = ["<PubmedArticle/>", "<PubmedArticle><MedlineCitation/></PubmedArticle>"]

    found = list(parse(a_set(*bad, an_article()), "saved.xml"))

    assert [getattr(thing, "lost", 0) for thing in found] == [1, 1, 0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"<html><body>busy</body></html>", "web page"),
        (b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>", "Unable to obtain query #1"),
        (b'{"error":"API rate limit exceeded","count":"4","limit":"3"}', "API rate limit exceeded"),
        (b"{" * 100_000, "JSON"),
        (b"<rss/>", "<rss>"),
        (a_set(an_article())[:-40], "XML"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><PubmedArticleSet>&b;</PubmedArticleSet>", "entities"),
    ],
)
def test_what_is_none_of_pubmeds_xml_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as error:
        list(parse(body, "saved.xml"))

    assert error.value.todo


# Its search


def a_search(count: int, **more: object) -> Answer:
    result = {"count": str(count), "retmax": "0", "retstart": "0", "querykey": "1", "webenv": "MCID_6a", "idlist": []}
    return Answer(json.dumps({"header": {"type": "esearch"}, "esearchresult": {**result, **more}}))


def a_site(host: Host, count: int, **more: object) -> None:
    """Finds so many, and sends those that are asked for."""

    def fetch(asked: Asked) -> Answer:
        start, size = int(asked.query["retstart"]), int(asked.query["retmax"])
        return Answer(a_set(*(an_article(39000000 + n) for n in range(start, min(start + size, count)))))

    host.routes["/esearch.fcgi"] = a_search(count, **more)
    host.routes["/efetch.fcgi"] = fetch


def a_source(host: Host, **fields: object) -> Pubmed:
    return Pubmed.model_validate({"query": "bees[ti]", "base_url": host.url, "allow_private": True, **fields})


def of(source: Pubmed, reach: Reach | None = None) -> tuple[list[Paper], list[Problem]]:
    found = list(source.papers(WEEK, reach or a_reach()))
    return [p for p in found if isinstance(p, Paper)], [p for p in found if isinstance(p, Problem)]


def test_what_was_added_in_the_window_is_searched_and_fetched_in_pages(host: Host) -> None:
    a_site(host, 450)

    papers, problems = of(a_source(host))

    assert len({paper.pmid for paper in papers}) == 450
    assert problems == []
    search, *pages = host.asked
    assert {name: search.query[name] for name in ("db", "term", "datetype", "mindate", "maxdate", "usehistory")} == {
        "db": "pubmed",
        "term": "bees[ti]",
        "datetype": "edat",
        "mindate": "2026/11/16",
        "maxdate": "2026/11/22",
        "usehistory": "y",
    }
    assert search.query["tool"] == "digestor"
    assert [(page.query["retstart"], page.query["retmax"]) for page in pages] == [
        ("0", "200"),
        ("200", "200"),
        ("400", "50"),
    ]
    assert {(page.query["WebEnv"], page.query["query_key"], page.query["retmode"]) for page in pages} == {
        ("MCID_6a", "1", "xml")
    }


def test_a_query_that_finds_nothing_is_no_error(host: Host) -> None:
    a_site(host, 0)

    assert of(a_source(host)) == ([], [])
    assert len(host.asked) == 1


def test_no_more_than_wanted_is_fetched_and_the_rest_is_told(host: Host) -> None:
    a_site(host, 900)

    papers, (problem,) = of(a_source(host, most=30))

    assert len(papers) == 30
    assert len(host.asked) == 2
    assert "870 were not fetched" in problem.what
    assert problem.lost == 0


def test_papers_promised_and_not_sent_are_lost(host: Host) -> None:
    a_site(host, 3)
    host.routes["/efetch.fcgi"] = Answer(a_set(an_article()))

    papers, (problem,) = of(a_source(host))

    assert (len(papers), problem.lost) == (1, 2)


def test_words_that_pubmed_did_not_find_are_told(host: Host) -> None:
    a_site(
        host, 1, errorlist={"phrasesnotfound": ["beez"], "fieldsnotfound": []}, warninglist={"outputmessages": ["x"]}
    )

    papers, (problem,) = of(a_source(host))

    assert len(papers) == 1
    assert "'beez'" in problem.what


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer('{"esearchresult": {"ERROR": "Empty term and query_key - nothing todo"}}'), "Empty term"),
        (Answer('{"error": "API rate limit exceeded", "count": "4"}'), "API rate limit exceeded"),
        (Answer('{"error": {"deep": 1}}', 400), "error"),
        (Answer(""), "not JSON|no count"),
        (Answer("<html>busy</html>"), "not JSON"),
        (Answer('{"esearchresult": []}'), "no count"),
        (Answer('{"esearchresult": {"count": "many"}}'), "no count"),
        (Answer('{"esearchresult": {"count": "12", "webenv": "a b"}}'), "does not say where"),
        (Answer("[" * 100_000), "not JSON"),
        (Answer("null"), "no count"),
        (Answer("away", 404), "404"),
    ],
)
def test_a_search_that_fails_says_why(host: Host, answer: Answer, said: str) -> None:
    host.routes["/esearch.fcgi"] = answer

    with pytest.raises(SourceError, match=said):
        of(a_source(host))


def test_what_was_read_counts_when_a_page_fails(host: Host) -> None:
    host.routes["/esearch.fcgi"] = a_search(300)
    articles = [an_article(39000000 + n) for n in range(200)]
    host.routes["/efetch.fcgi"] = [Answer(a_set(*articles), gzipped=True), Answer(a_set(*articles)[:5000])]
    found: list[Paper | Problem] = []

    with pytest.raises(SourceError):
        found.extend(a_source(host).papers(WEEK, a_reach()))

    assert len(found) == 200


def test_a_key_and_an_address_are_sent_where_there_are_any(host: Host) -> None:
    a_site(host, 1)

    of(a_source(host, api_key_env="NCBI_KEY"), a_reach(contact="me@example.org", NCBI_KEY="k123"))
    of(a_source(host, api_key_env="NCBI_KEY"), a_reach())

    assert [asked.query.get("api_key") for asked in host.asked] == ["k123", "k123", None, None]
    assert [asked.query.get("email") for asked in host.asked] == ["me@example.org"] * 2 + [None, None]


def test_a_key_that_ncbi_does_not_know_is_told_by_the_name_of_its_variable(host: Host) -> None:
    host.routes["/esearch.fcgi"] = Answer('{"error":"API key invalid","api-key":"k123"}', 400)

    with pytest.raises(SourceError, match="NCBI_KEY") as error:
        of(a_source(host, api_key_env="NCBI_KEY"), a_reach(NCBI_KEY="k123"))

    assert "k123" not in str(error.value)


def asked_of(source: Pubmed, environ: dict[str, str]) -> list[Ask]:
    asks: list[Ask] = []

    def get(ask: Ask) -> Reply:
        asks.append(ask)
        return Reply(200, str(a_search(0).body).encode())

    list(source.papers(WEEK, Reach(get, environ, "me@example.org")))
    return asks


def test_the_pace_is_what_ncbi_allows() -> None:
    source = Pubmed(query="bees", api_key_env="NCBI_KEY")

    (slow,), (fast,) = asked_of(source, {}), asked_of(source, {"NCBI_KEY": "k"})

    assert (slow.family, slow.spacing, fast.spacing) == ("ncbi", 0.34, 0.1)
    assert set(fast.secret) == {"api_key", "email"}
    assert slow.url == "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi"


# Papers that are known already


def form(asked: Asked) -> dict[str, str]:
    return dict(parse_qsl(asked.body.decode()))


def test_known_papers_are_looked_up_by_pmid_and_by_doi(host: Host) -> None:
    host.routes["/esearch.fcgi"] = a_search(2, idlist=["39000002", "39000009", 7, "x"])
    host.routes["/efetch.fcgi"] = Answer(a_set(*(an_article(n) for n in (39000001, 39000002, 39000009))))
    papers = [a_paper(1, pmid="39000001"), a_paper(2, doi="10.1000/bees.39000002"), a_paper(3)]

    found = [paper for paper in a_source(host).look_up(papers, a_reach()) if isinstance(paper, Paper)]

    assert [paper.pmid for paper in found] == ["39000001", "39000002"]
    search, fetch = host.asked
    assert (search.method, form(search)["term"]) == ("POST", '"10.1000/bees.39000002"[AID]')
    assert (fetch.method, form(fetch)["id"]) == ("POST", "39000001,39000002,39000009")


def test_many_are_looked_up_in_batches(host: Host) -> None:
    host.routes["/esearch.fcgi"] = a_search(0)
    host.routes["/efetch.fcgi"] = lambda asked: Answer(a_set(*map(an_article, form(asked)["id"].split(","))))
    papers = [a_paper(n, pmid=str(39000000 + n)) for n in range(250)]
    papers += [a_paper(n, doi=f"10.1000/x{n}") for n in range(250, 310)]

    found = list(a_source(host).look_up(papers, a_reach()))

    assert len(found) == 250
    assert [asked.path for asked in host.asked] == ["/esearch.fcgi"] * 2 + ["/efetch.fcgi"] * 2


def test_papers_without_any_id_of_pubmeds_ask_nothing(host: Host) -> None:
    assert list(a_source(host).look_up([a_paper(1)], a_reach())) == []
    assert host.asked == []


def test_it_says_what_it_is_and_what_a_window_means() -> None:
    source = Pubmed(query="bees[ti]")

    assert isinstance(source, Source)
    assert isinstance(source, Covers)
    assert isinstance(source, Lookup)
    assert source.name == "PubMed bees[ti]"
    assert Pubmed(query="x", label="Bees").name == "Bees"
    assert source.covers(WEEK) == "added to PubMed 16–22 November 2026"


@pytest.mark.parametrize("fields", [{}, {"query": ""}, {"query": "x", "most": 10_000}, {"query": "x", "key": "k"}])
def test_settings_that_make_no_sense_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Pubmed.model_validate(fields)


TAGS = st.sampled_from(
    "MedlineCitation PMID Article ArticleTitle Abstract AbstractText AuthorList Author LastName Journal PubDate Year "
    "Month Day ELocationID PubmedData ArticleIdList ArticleId Book BookDocument History PubMedPubDate sup "
    "annotation".split()
)
TREES = st.recursive(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="<&\ufffe\uffff"), max_size=12
    )
    | st.sampled_from(["2026", "11", "9" * 40, "&x;", "10.1000/x", "arXiv:2611.00101"]),
    lambda inner: st.builds(lambda tag, within: f"<{tag}>{''.join(within)}</{tag}>", TAGS, st.lists(inner, max_size=4)),
    max_leaves=25,
)


@given(st.lists(TREES, max_size=5))
def test_whatever_an_article_holds_it_is_a_paper_or_a_problem(within: Sequence[str]) -> None:
    found = list(parse(a_set(f"<PubmedArticle>{''.join(within)}</PubmedArticle>"), "saved.xml"))

    assert len(found) == 1


@given(st.binary(max_size=60), st.integers(0, 3000), st.integers(0, 50))
def test_no_reply_brings_another_exception_than_source_error(odd: bytes, at: int, gone: int) -> None:
    body = a_set(an_article(), BOOK)

    for made in (odd, body[:at], body[:at] + odd + body[at + gone :]):
        try:
            found = list(parse(made, "saved.xml"))
        except SourceError:
            continue
        assert all(isinstance(thing, Paper | Problem) for thing in found)
