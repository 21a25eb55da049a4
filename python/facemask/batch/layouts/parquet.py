"""Layout of Parquet: a row for each face, files as bytes, as Hugging Face's data sets have them."""

from collections.abc import Iterator, Sequence
from typing import Final

from facemask.batch.layouts.columns import find_columns, import_pyarrow, to_entry
from facemask.batch.layouts.entry import Entry
from facemask.batch.layouts.file_tree import FileTree
from facemask.batch.layouts.keys import safe_key, stem_of

SUFFIX: Final = ".parquet"
# Rows in memory at a time: a photo and a map have about a megabyte.
_ROWS: Final = 32


def read_tables(tree: FileTree, tables: Sequence[str]) -> Iterator[Entry]:
    """Yield the rows of tables. A file is a column of bytes, or a struct with `bytes` and `path`.

    Raises:
        FacemaskError: `option_invalid`, field `source`, without pyarrow, and for a table without such columns.

    """
    parquet = import_pyarrow("pyarrow.parquet", "source")
    for table in tables:
        source = f"{tree.root.rstrip('/')}/{table}"
        with tree.open(table) as file:
            try:
                reader = parquet.ParquetFile(file)
            except Exception as error:  # noqa: BLE001 - pyarrow has a tree of its own
                problem = ("map_corrupt", "source", f"the table cannot be read: {_first_line(error)}")
                yield Entry(f"{safe_key(stem_of(table))}/(table)", source, problem=problem)
                continue
            columns = find_columns(reader.schema_arrow, table)
            prefix = f"{safe_key(stem_of(table))}/"
            batches = reader.iter_batches(batch_size=_ROWS, columns=list(columns.values()))
            for number, row in enumerate(row for batch in batches for row in batch.to_pylist()):
                yield to_entry(row, columns, prefix=prefix, number=number, where=f"{source}: row {number}")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
