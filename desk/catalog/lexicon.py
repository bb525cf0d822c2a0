"""Writes the company's own words where the bot reads them when it is trained."""

from pathlib import Path

from sqlalchemy.orm import Session

from desk.catalog.service import lexicon
from desk.settings import PROJECT_DIR

LEXICON_DIR = PROJECT_DIR / "data" / "lexicon"
HEADING = "# 由 kefu import 按楼盘与产品目录生成；每行一个名称。\n"


def write_lexicon(session: Session, folder: Path = LEXICON_DIR) -> bool:
    """Write `estate.txt` and `product.txt`, one name a line; return whether a file changed.

    A changed file makes the next `kefu train` build the bot's model again.
    """
    changed = False
    folder.mkdir(parents=True, exist_ok=True)
    for kind, names in lexicon(session).items():
        path = folder / f"{kind}.txt"
        text = HEADING + "".join(f"{' '.join(name.split())}\n" for name in names)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed = True
    return changed
