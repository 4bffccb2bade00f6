"""Cutting texts to what a channel takes, counted in the bytes it counts."""


def split_bytes(text: str, most: int) -> list[str]:
    """Pieces of at most `most` bytes of UTF-8; joined they are the text, and no character is cut.

    Counted in bytes because providers do: 2,000 Chinese characters are 6,000 bytes.
    """
    if most < 4:
        raise ValueError("A character may need four bytes.")
    encoded = text.encode()
    pieces = []
    start = 0
    while start < len(encoded):
        end = min(start + most, len(encoded))
        # A byte 10xxxxxx continues a character: step back to where it begins.
        while end < len(encoded) and encoded[end] & 0b1100_0000 == 0b1000_0000:
            end -= 1
        pieces.append(encoded[start:end].decode())
        start = end
    return pieces or [""]
