"""Reads SVG files as the trees that they are."""

from xml.etree.ElementTree import XMLPullParser

SVG = "{http://www.w3.org/2000/svg}"


def tree_of(svg):
    """Return the root; complains where the file is none or ends too early."""
    parser = XMLPullParser(["end"])
    parser.feed(svg)
    *_, (_, root) = parser.read_events()
    assert root.tag == f"{SVG}svg"
    return root


def texts_of(svg):
    """Return what is written, in the order of writing."""
    return [text.text for text in tree_of(svg).iter(f"{SVG}text") if text.text]
