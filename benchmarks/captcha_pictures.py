"""Measure pictures and sounds of challenges beside the captcha package's own: CPU time and bytes, in one run.

    python benchmarks/captcha_pictures.py [count] [folder]

With a folder, pictures and sounds are written to it, named by their answers, to be looked at and listened to.
"""

import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha

from blueprints.captcha.challenges import ALPHABET, CHARACTERS, DIGITS_SPOKEN
from blueprints.captcha.drawing import picture_of
from blueprints.captcha.speaking import DIGITS, VOICES, sound_of


def measured(name: str, make: Callable[[str], bytes], answers: list[str]) -> tuple[float, float]:
    """Print the figures of one kind and return its milliseconds and median bytes."""
    make("".join(sorted(set("".join(answers)))))
    started = time.process_time()
    sizes = sorted(len(make(answer)) for answer in answers)
    milliseconds = (time.process_time() - started) / len(answers) * 1000
    print(
        f"{name:18} {milliseconds:7.2f} ms   {sizes[0]} / {median(sizes):.0f} / {sizes[-1]} bytes (least, median, most)"
    )
    return milliseconds, median(sizes)


def compared(kind: str, theirs: Callable[[str], bytes], ours: Callable[[str], bytes], answers: list[str]) -> None:
    before = measured(f"{kind}, package", theirs, answers)
    after = measured(f"{kind}, ours", ours, answers)
    print(f"{'ratio':18} {after[0] / before[0]:7.2f}      {after[1] / before[1]:.2f}\n")


def chosen(alphabet: str, length: int, count: int) -> list[str]:
    return ["".join(secrets.choice(alphabet) for _ in range(length)) for _ in range(count)]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    letters, digits = chosen(ALPHABET, CHARACTERS, count), chosen(DIGITS, DIGITS_SPOKEN, count // 30)
    pictures, sounds = ImageCaptcha(), AudioCaptcha(str(VOICES / "zh"))
    compared("picture", lambda answer: pictures.generate(answer).getvalue(), _drawn, letters)
    compared("sound", lambda answer: bytes(sounds.generate(answer)), _spoken, digits)
    for folder in map(Path, sys.argv[2:3]):
        folder.mkdir(parents=True, exist_ok=True)
        for answer in letters:
            (folder / f"{answer}.png").write_bytes(_drawn(answer))
        for answer in digits:
            (folder / f"{answer}.wav").write_bytes(_spoken(answer))


def _drawn(answer: str) -> bytes:
    return picture_of(answer, secrets.token_bytes(16))


def _spoken(answer: str) -> bytes:
    return sound_of(answer, "zh", secrets.token_bytes(16))


if __name__ == "__main__":
    main()
