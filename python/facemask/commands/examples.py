"""What `facemask COMMAND --help` shows below the options: calls that one can copy."""

from typing import Final

# By command, each beside what it does.
EXAMPLES: Final = {
    "trace": (
        ("trace photo.jpg -o face.svg", "a photo alone"),
        ("trace photo.jpg map.png landmarks.json -o face.geojson", "with a label map; the format is the name's"),
        ("trace photo.jpg --regions zones --embed-image crop -o zones.svg", "zones on the upright photo"),
        ("trace photo.jpg --face all -o face.svg", "every face: face-1.svg, face-2.svg"),
        ("trace - map.png landmarks.json --format coco < photo.jpg", "from standard input to standard output"),
    ),
    "batch": (
        ("batch photos -o out", "an SVG for each photo of a folder"),
        ("batch CelebAMask-HQ -o out --outputs coco,yolo", "a data set for training"),
        ("batch shard-000.tar -o out --shard 1/4", "the first quarter, on one of four machines"),
    ),
    "models": (
        ("models fetch", "bring the networks that a photo alone needs"),
        ("models fetch --from face_landmarker.task", "take a file that you have"),
    ),
    "serve": (
        ("serve --no-database", "try it at http://127.0.0.1:8000/"),
        ("serve --host 0.0.0.0 --processes 4", "four processes with one database, for other machines"),
    ),
    "worker": (("worker --workers 8", "eight more threads for the jobs of the database"),),
    "migrate": (("migrate", "before a new release starts"),),
    "health": (("health --url http://127.0.0.1:8000", "a check for containers"),),
    "schemes": (("schemes", "all names"), ("schemes lapa-11", "what each id of a map is")),
}


def examples_text(command: str) -> str:
    """Return the examples of a command, each below a line that says what it does."""
    return "\n".join(["examples:", *(f"  # {text}\n  facemask {call}" for call, text in EXAMPLES[command])])
