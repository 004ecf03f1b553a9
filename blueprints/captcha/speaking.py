"""The sound of a challenge: six digits by one voice, over noise and the murmur of the other voice."""

import wave
from functools import cache
from io import BytesIO
from operator import add
from pathlib import Path
from random import Random

VOICES = Path(__file__).parent / "voices"
DIGITS = "02345678"  # 一 and 七, 六 and 九, five and nine sound alike: one of each pair is left out
RATE = 8000
SILENCE = bytes([128])
LEAD_SECONDS, GAP_SECONDS, TAIL_SECONDS = 0.6, (0.4, 0.7), 0.4
PACE = (0.94, 1.06)


def _louder(factor: float) -> bytes:
    """Return the table that makes every sample so many times as loud; 128 is silence."""
    return bytes(round(128 + (value - 128) * factor) for value in range(256))


# The three layers add up to less than a sample holds, so nothing is ever clipped.
_SPEECH, _MURMUR, _NOISE = _louder(0.76), _louder(0.16), _louder(0.05)
_SUM = bytes(max(0, min(255, value - 2 * 128)) for value in range(3 * 256))


def sound_of(digits: str, language: str, look: bytes) -> bytes:
    """Return a WAV (8 kHz, 8 bit, mono) that says the digits; the same `look` sounds the same."""
    chance = Random(look + language.encode())
    speaker, other = chance.sample(_voices(language), 2)
    parts = [_silence(LEAD_SECONDS)]
    for digit in digits:
        parts += [_said(chance, language, digit, speaker), _silence(chance.uniform(*GAP_SECONDS))]
    speech = b"".join([*parts, _silence(TAIL_SECONDS)])
    murmur = b"".join(_said(chance, language, chance.choice(DIGITS), other)[::-1] for _ in range(3 * len(digits)))
    murmur = (murmur * 2)[: len(speech)].translate(_MURMUR)
    noise = chance.randbytes(len(speech)).translate(_NOISE)
    return _wav(bytes(map(_SUM.__getitem__, map(add, map(add, speech.translate(_SPEECH), murmur), noise))))


def _silence(seconds: float) -> bytes:
    return SILENCE * int(seconds * RATE)


def _said(chance: Random, language: str, digit: str, voice: str) -> bytes:
    """Return one digit, a little faster or slower than it was spoken, between two samples in proportion."""
    spoken = chance.choice(_spoken(language, digit, voice))
    pace = chance.uniform(*PACE)
    said = bytearray()
    for number in range(int((len(spoken) - 1) / pace)):
        place = number * pace
        before = int(place)
        said.append(int(spoken[before] + (spoken[before + 1] - spoken[before]) * (place - before)))
    return bytes(said)


@cache
def _voices(language: str) -> list[str]:
    return sorted({path.stem.partition("-")[0] for path in (VOICES / language).glob("*/*.wav")})


@cache
def _spoken(language: str, digit: str, voice: str) -> list[bytes]:
    """Return the samples of one digit by one voice, at each speed it was spoken; all of them are 280 kB."""
    files = sorted((VOICES / language / digit).glob(f"{voice}-*.wav"))
    sounds = []
    for path in files:
        with wave.open(str(path), "rb") as file:
            sounds.append(file.readframes(file.getnframes()))
    return sounds


def _wav(samples: bytes) -> bytes:
    result = BytesIO()
    with wave.open(result, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(samples)
    return result.getvalue()
