"""Speak the digits anew. A person runs this with espeak-ng and sox installed; the site plays what it left behind.

    python blueprints/captcha/voices/make.py

Each voice of each language says each digit at each speed: voices/<language>/<digit>/<voice>-<speed>.wav, 8 kHz, 8 bit, mono.
"""

import shlex
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
WORDS_PER_MINUTE = (95, 115)
# The plain voice `cmn` of espeak-ng 1.51 reads most digits in English ("sa one"); the one for pinyin reads them right.
VOICES = {"zh": ("cmn-latn-pinyin+f2", "cmn-latn-pinyin+m3"), "en": ("en-gb+f4", "en-us+m3")}
WORDS = {
    "zh": {"0": "ling2", "2": "er4", "3": "san1", "4": "si4", "5": "wu3", "6": "liu4", "7": "qi1", "8": "ba1"},
    "en": {"0": "zero", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight"},
}
SHAPE = """
    gain -6 rate 8000 highpass 120 gain -n -1
    silence 1 0.01 0.5% fade 0.005 reverse silence 1 0.01 0.5% fade 0.02 reverse
"""


def speak(language: str, voice: str, speed: int, digit: str) -> None:
    """Write one file."""
    word = WORDS[language][digit]
    if b"(en)" in _output(f"espeak-ng -v {voice} -q -x {word}"):
        raise SystemExit(f"{voice} would say {word} in English")
    file = FOLDER / language / digit / f"{voice.rpartition('+')[2]}-{speed}.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    spoken = _output(f"espeak-ng -v {voice} -s {speed} --stdout {word}")
    _output(f"sox -D -t wav - -b 8 -e unsigned-integer {shlex.quote(str(file))} {SHAPE}", spoken)


def _output(command: str, feed: bytes = b"") -> bytes:
    return subprocess.run(shlex.split(command), input=feed, capture_output=True, check=True).stdout


if __name__ == "__main__":
    for language, voices in VOICES.items():
        for voice in voices:
            for speed in WORDS_PER_MINUTE:
                for digit in WORDS[language]:
                    speak(language, voice, speed, digit)
