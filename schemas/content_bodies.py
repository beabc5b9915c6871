"""Bodies about what stands among offers and wants: what is hidden, and the order of categories.

As every body: numbers and references only. `entered_by` names the account of who did it; none
stands for whoever runs the node.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from schemas.body_parts import Body, TextReference
from schemas.ids import Count, Positive

CATEGORIES_MAX = 500


class PostHidden(Body, frozen=True, kw_only=True, tag="post.hidden"):
    """The group shows an offer or a want to nobody; the reason is sealed for its member."""

    at_s: Count
    post: Positive
    account: Positive
    """Whose it is."""
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class PostUnhidden(Body, frozen=True, kw_only=True, tag="post.unhidden"):
    """The group shows an offer or a want again."""

    at_s: Count
    post: Positive
    account: Positive
    entered_by: Positive | None = None


class CategoryChanged(Body, frozen=True, kw_only=True, tag="category.changed"):
    """A category is called this from now on, and stands there."""

    at_s: Count
    category: Positive
    parent: Positive | None = None
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class CategoriesOrdered(Body, frozen=True, kw_only=True, tag="category.ordered"):
    """The order in which categories stand; those that are not named come behind, by name."""

    at_s: Count
    categories: Annotated[tuple[Positive, ...], Meta(max_length=CATEGORIES_MAX)]
    entered_by: Positive | None = None


class CategoryEnded(Body, frozen=True, kw_only=True, tag="category.ended"):
    """A category is no more; its posts and the categories below it go on `into` another."""

    at_s: Count
    category: Positive
    into: Positive | None = None
    entered_by: Positive | None = None


ContentBody = PostHidden | PostUnhidden | CategoryChanged | CategoriesOrdered | CategoryEnded
