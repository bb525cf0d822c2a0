"""Where the library finds its own files and the models that `kefu train` builds."""

import os
from pathlib import Path

PACKAGE_DIR = Path(__file__).resolve().parent
PROJECT_DIR = PACKAGE_DIR.parent


def data_dir() -> Path:
    """Folder of our own training examples (`data/` of the checkout)."""
    return PROJECT_DIR / "data"


def models_dir() -> Path:
    """Folder of trained model files; `KEFU_MODELS_DIR` moves it. It may not exist yet."""
    return Path(os.environ.get("KEFU_MODELS_DIR") or PROJECT_DIR / "models")
