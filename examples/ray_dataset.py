"""A data set on Ray: a folder of Parquet tables, or a table of paths, to a folder of Parquet with outlines.

    pip install 'facemask-contours[ray]'
    python examples/ray_dataset.py FACES OUT_FOLDER

FACES is a folder or an address of Parquet tables with columns such as `image`, `labels` and `landmarks`, or a CSV file
with paths in such columns. On a cluster start it by `ray job submit`; paths and addresses are then read by the workers,
so all machines must see them.
"""

import sys

import facemask.ray
import ray


def main(faces: str, out_folder: str) -> int:
    ray.init(ignore_reinit_error=True)
    # A face that cannot be traced is a row with `error_code`. A batch that dies with its worker is traced again; with
    # on_error="raise" a face fails its batch, and so many may be lost before the whole run ends.
    ray.data.DataContext.get_current().max_errored_blocks = 2
    table = ray.data.read_csv(faces) if faces.endswith(".csv") else ray.data.read_parquet(faces)
    traced = table.map_batches(
        facemask.ray.trace_batch,
        batch_format="pyarrow",
        batch_size=64,
        fn_kwargs={"formats": ["svg", "coco"], "tolerance": 1.0},
    ).materialize()
    traced.write_parquet(out_folder)
    errors = [row["error_code"] for row in traced.select_columns(["error_code"]).iter_rows() if row["error_code"]]
    print(f"{traced.count() - len(errors)} of {traced.count()} faces traced")
    return 3 if errors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
