"""The gist of an issue as the JSON that a chat server takes, within its limits. Pure.

A title is a stranger's text: it is escaped by the rules of each server, cannot mention anybody, and cannot end a link.
"""

import html
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import quote, urlsplit

from digestor.delivery.gist import Gist
from digestor.models import Code, Entry, Section

Format = Literal["slack", "discord", "matrix", "json"]

TITLE, LINE, URL = 200, 280, 500
"""Characters of a title and a line, which are then cut; of a URL, which is then left out."""
SLACK_HEADER, SLACK_TEXT = 150, 3000
DISCORD_CONTENT, DISCORD_EMBED, DISCORD_EMBEDS, DISCORD_ALL = 2000, 4096, 10, 6000
MATRIX_HTML, MATRIX_TEXT = 8000, 5000
"""Bytes. An event may have 65,536, and a bridge puts what it was sent beside what it makes of it."""
ONE, WHOLE = "If you read one", "Read the whole issue"
ZERO_WIDTH = "\u200b"


class Size(NamedTuple):
    """How much of an issue a post shows; counts."""

    sections: int = 6
    papers: int = 3
    """In each section."""


def post(format: Format, gist: Gist, page: str | None = None, size: Size = Size()) -> dict[str, Any]:  # noqa: B008
    """The body to post. `page` is where the issue can be read."""
    return WRITERS[format](gist, linkable(page), size)


# what all have in common


def shown(gist: Gist, size: Size) -> list[tuple[Section, Sequence[Entry]]]:
    """The sections and papers that a post has room for."""
    return [(section, section.entries[: size.papers]) for section in gist.sections[: size.sections]]


def cut(text: str, length: int) -> str:
    """Text on one line of so many characters at most, cut between words."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    return (kept.rpartition(" ")[0] if " " in kept[length // 2 :] else kept) + "…"


def linkable(url: str | None) -> str | None:
    """A web address that cannot end the link that it stands in; None for any other and for a very long one."""
    try:
        sound = bool(url) and urlsplit(url or "").scheme in ("http", "https") and bool(urlsplit(url or "").hostname)
    except ValueError:
        return None
    safe = quote(url or "", safe="/:?#@!$&*+,;=%~-._[]")
    return safe if sound and len(safe) <= URL else None


def flag(code: Code) -> str:
    """What is worth a word in a post."""
    return {"released": "code", "promised": "code promised"}.get(code.status, "")


def length(text: str) -> int:
    """Characters as those servers count that count most: in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def size_in_bytes(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def fitting(lines: Iterable[str], limit: int, measure: Callable[[str], int] = length) -> str:
    """As many lines, from the first, as fit; a line is never cut, for it may hold a link."""
    text = ""
    for line in lines:
        longer = f"{text}\n{line}" if text else line
        if measure(longer) > limit:
            break
        text = longer
    return text


def paper_lines(entry: Entry, link: Callable[[str, str | None], str], plain: Callable[[str], str]) -> list[str]:
    """A paper on two lines: its title and whether there is code; its line."""
    flagged = flag(entry.annotation.code)
    about = link(cut(entry.paper.title, TITLE), linkable(entry.paper.url))
    code = f" · {link(flagged, linkable(entry.annotation.code.url))}" if flagged else ""
    return [about + code, *([plain(cut(entry.annotation.summary, LINE))] if entry.annotation.summary else [])]


# Slack: blocks of mrkdwn


def slack(gist: Gist, page: str | None, size: Size) -> dict[str, Any]:
    """Blocks, and a text for notifications and for servers that know no blocks."""
    header = unmentioned(cut(gist.title, SLACK_HEADER // 2)).replace("<", f"<{ZERO_WIDTH}")
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": header[:SLACK_HEADER], "emoji": False}}
    ]
    lead = [f"*{in_slack(gist.numbers)}*"] if gist.numbers else []
    if gist.pick:
        pick = paper_lines(gist.pick, slack_link, in_slack)
        lead += [f"*{ONE}:* {pick[0]}", *pick[1:], *([in_slack(cut(gist.why, LINE))] if gist.why else [])]
    parts = [lead]
    for section, entries in shown(gist, size):
        papers = ["\n".join(paper_lines(entry, slack_link, in_slack)) for entry in entries]
        parts.append([f"*{in_slack(cut(section.title, TITLE))}* ({len(section.entries)})", *(f"• {p}" for p in papers)])
    parts += [[slack_link(WHOLE, page)] if page else []]
    texts = [fitting(part, SLACK_TEXT) for part in parts]
    blocks += [{"type": "section", "text": mrkdwn(text)} for text in texts if text]
    if gist.ledger:
        blocks.append({"type": "context", "elements": [mrkdwn(in_slack(cut(gist.ledger, LINE * 2)))]})
    said = fitting([in_slack(cut(": ".join(filter(None, (gist.title, gist.numbers))), LINE)), page or ""], SLACK_TEXT)
    return {"text": said.strip(), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def mrkdwn(text: str) -> dict[str, Any]:
    """A text in which nothing becomes a link or a mention by itself."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def in_slack(text: str) -> str:
    """Text that shows as itself: no tag, mention or emoji; a mark that would begin bold text is another."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"(?<!\w)[*_~`](?=\S)", lambda mark: {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}[mark[0]], text)
    return re.sub(r":(?=[\w+-]+:)", "꞉", text).replace("@", f"@{ZERO_WIDTH}")


def slack_link(text: str, url: str | None) -> str:
    """A link, or the text alone."""
    return f"<{url.replace('&', '&amp;')}|{in_slack(text)}>" if url else in_slack(text)


# Discord: embeds of Markdown


def discord(gist: Gist, page: str | None, size: Size) -> dict[str, Any]:
    """A line and embeds, together within what a message may have."""
    lines = [f"**{in_discord(cut(gist.title, TITLE))}**", in_discord(gist.numbers), f"<{page}>" if page else ""]
    parts: list[tuple[str, list[str]]] = []
    if gist.pick:
        why = [in_discord(cut(gist.why, LINE))] if gist.why else []
        parts.append((ONE, [*paper_lines(gist.pick, discord_link, in_discord), *why]))
    for section, entries in shown(gist, size):
        papers = ["\n".join(paper_lines(entry, discord_link, in_discord)) for entry in entries]
        title = f"{in_discord(cut(section.title, TITLE // 2))} ({len(section.entries)})"
        parts.append((title, [f"- {paper}" for paper in papers]))
    foot = cut(gist.ledger, LINE * 2)
    left = DISCORD_ALL - length(foot)
    embeds: list[dict[str, Any]] = []
    for title, texts in parts[: DISCORD_EMBEDS - 1]:
        description = fitting(texts, min(DISCORD_EMBED, left - length(title)))
        if not description:
            continue
        embeds.append({"title": title, "description": description})
        left -= length(title) + length(description)
    if foot:
        embeds.append({"footer": {"text": foot}})
    return {
        "content": fitting(filter(None, lines), DISCORD_CONTENT),
        "embeds": embeds,
        "allowed_mentions": {"parse": []},
    }


def in_discord(text: str) -> str:
    """Text that shows as itself: no Markdown, link, mention or emoji comes of it."""
    text = text.replace("[", "(").replace("]", ")")  # an unpaired bracket would end the link that it stands in
    return re.sub(r"([\\*_~`|>#<:\-])", r"\\\1", text).replace("@", f"@{ZERO_WIDTH}")


def discord_link(text: str, url: str | None) -> str:
    """A link, or the text alone."""
    return f"[{in_discord(text)}]({url})" if url else in_discord(text)


# Matrix: the content of an m.room.message, which is also what the bridge matrix-hookshot takes


def matrix(gist: Gist, page: str | None, size: Size) -> dict[str, Any]:
    """A notice as HTML and as plain text; twice, by the names of the event and by those of the bridge."""
    title, numbers = cut(gist.title, TITLE), gist.numbers
    web = [f"<h4>{in_html(title)}</h4>", f"<p><strong>{in_html(numbers)}</strong></p>" if numbers else ""]
    text = [unmentioned(title), numbers]
    if gist.pick:
        why = [cut(gist.why, LINE)] if gist.why else []
        web.append(f"<p>{ONE}: {'<br>'.join([*paper_lines(gist.pick, html_link, in_html), *map(in_html, why)])}</p>")
        text.append("\n".join([f"{ONE}:", *paper_lines(gist.pick, text_link, unmentioned), *map(unmentioned, why)]))
    for section, entries in shown(gist, size):
        heading = f"{cut(section.title, TITLE)} ({len(section.entries)})"
        papers = "".join(f"<li>{'<br>'.join(paper_lines(entry, html_link, in_html))}</li>" for entry in entries)
        web.append(f"<p><strong>{in_html(heading)}</strong></p><ul>{papers}</ul>")
        lines = ["\n".join(paper_lines(entry, text_link, unmentioned)) for entry in entries]
        text.append("\n".join([unmentioned(heading), *(f"- {line}" for line in lines)]))
    foot = [f"<p>{html_link(WHOLE, page)}</p>" if page else "", f"<p>{in_html(gist.ledger)}</p>" if gist.ledger else ""]
    below = "\n".join(filter(None, foot))
    formatted = fitting(filter(None, web), MATRIX_HTML - size_in_bytes(below) - 1, size_in_bytes)
    end = "\n".join(filter(None, (page, gist.ledger)))
    body = fitting(filter(None, text), MATRIX_TEXT - size_in_bytes(end) - 1, size_in_bytes)
    formatted, body = f"{formatted}\n{below}".strip(), f"{body}\n{end}".strip()
    event = {"msgtype": "m.notice", "body": body, "format": "org.matrix.custom.html", "formatted_body": formatted}
    return {**event, "m.mentions": {}, "text": body, "html": formatted}


def unmentioned(text: str) -> str:
    """Text that calls nobody."""
    return text.replace("@", f"@{ZERO_WIDTH}")


def in_html(text: str) -> str:
    """Text that shows as itself in HTML, and calls nobody."""
    return html.escape(unmentioned(text))


def html_link(text: str, url: str | None) -> str:
    """A link, or the text alone."""
    return f'<a href="{html.escape(url)}">{in_html(text)}</a>' if url else in_html(text)


def text_link(text: str, url: str | None) -> str:
    """The text, and where it leads."""
    return f"{unmentioned(text)} {url}" if url else unmentioned(text)


# programs: the numbers and links of all papers


def plain(gist: Gist, page: str | None, size: Size) -> dict[str, Any]:
    """Everything by name; texts are as they are, for whoever shows them to escape."""
    sections = [
        {"tag": section.tag, "title": section.title, "papers": [of_paper(entry) for entry in section.entries]}
        for section in gist.sections
    ]
    dated = {"start": gist.issue.start.isoformat(), "end": gist.issue.end.isoformat()} if gist.issue else {}
    pick = {**of_paper(gist.pick), "why": gist.why} if gist.pick else None
    ledger = gist.issue.ledger.model_dump() if gist.issue else None
    brief = {"version": 1, "id": gist.id, "title": gist.title, **dated, "numbers": gist.numbers, "page": page}
    return {**brief, "pick": pick, "sections": sections, "ledger": ledger}


def of_paper(entry: Entry) -> dict[str, Any]:
    """A paper for a program."""
    paper, said = entry.paper, entry.annotation
    code = {"status": said.code.status, "url": said.code.url}
    return {
        "id": paper.id,
        "title": paper.title,
        "url": paper.url,
        "line": said.summary,
        "tags": said.tags,
        "code": code,
    }


WRITERS: dict[Format, Callable[[Gist, str | None, Size], dict[str, Any]]] = {
    "slack": slack,
    "discord": discord,
    "matrix": matrix,
    "json": plain,
}
