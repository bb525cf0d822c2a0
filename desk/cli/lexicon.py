"""Tells the bot the names of the company's estates and products."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.lexicon import lexicon_dir, product_aliases, write_names
from desk.catalog.models import Product
from desk.catalog.service import estates


def write_lexicon(session: Session, folder: Path | None = None) -> bool:
    """Write the names from the catalogue where the bot's training reads them.

    Returns:
        Whether a file changed: then the bot knows the new names after the next `kefu train`.
    """
    folder = folder or lexicon_dir()
    before = _contents(folder)
    products = session.scalars(
        select(Product).where(Product.retired_at.is_(None)).order_by(Product.id)
    )
    write_names("estate", [(name, ()) for name in estates(session)], folder)
    write_names(
        "product",
        [
            (
                product.name,
                product_aliases(product.name, series=product.series or "", code=product.code),
            )
            for product in products
        ],
        folder,
    )
    return _contents(folder) != before


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.txt"))}
