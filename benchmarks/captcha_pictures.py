"""Measure pictures and sounds of captcha challenges beside those of the package as it comes: CPU time and bytes, in one run.

    python benchmarks/captcha_pictures.py [count] [folder]

With a folder, the pictures are written to it, named by what they show, to be looked at.
"""

import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from captcha.image import ImageCaptcha

from blueprints.captcha.challenges import ALPHABET, CHARACTERS
from blueprints.captcha.drawing import picture_of


def measured(name: str, make: Callable[[str], bytes], answers: list[str]) -> tuple[float, float]:
    """Print the figures of one kind and return its milliseconds and median bytes."""
    make(answers[0])
    started = time.process_time()
    sizes = sorted(len(make(answer)) for answer in answers)
    milliseconds = (time.process_time() - started) / len(answers) * 1000
    print(
        f"{name:18} {milliseconds:7.2f} ms   bytes {sizes[0]} / {median(sizes):.0f} / {sizes[-1]} (least, median, most)"
    )
    return milliseconds, median(sizes)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    answers = ["".join(secrets.choice(ALPHABET) for _ in range(CHARACTERS)) for _ in range(count)]
    plain = ImageCaptcha()
    default = measured("package's default", lambda answer: plain.generate(answer).getvalue(), answers)
    ours = measured("ours", lambda answer: picture_of(answer, secrets.token_bytes(8)), answers)
    print(f"{'ratio':18} {ours[0] / default[0]:7.2f}      bytes {ours[1] / default[1]:.2f}")
    for folder in map(Path, sys.argv[2:3]):
        folder.mkdir(parents=True, exist_ok=True)
        for answer in answers:
            (folder / f"{answer}.png").write_bytes(picture_of(answer, secrets.token_bytes(8)))


if __name__ == "__main__":
    main()
