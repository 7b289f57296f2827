"""Bit tricks on Python integers: bit n stands for cell n of a timeline, or for day n."""

from collections.abc import Iterator


def ones(count: int) -> int:
    """The lowest `count` bits set."""
    return (1 << count) - 1


def between(first: int, last: int) -> int:
    """Bits `first` to `last` set, both included; none where they cross."""
    return ones(last + 1) & ~ones(max(first, 0)) if last >= max(first, 0) else 0


def bits(mask: int) -> Iterator[int]:
    """Yield the positions of the bits set, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def run(mask: int, length: int) -> int:
    """Where `length` cells in a row are set: bit n stays if n … n+length-1 all are."""
    done = 1
    while done < length:
        step = min(done, length - done)
        mask &= mask >> step
        done += step
    return mask


def spread(mask: int, least: int, most: int, size: int) -> int:
    """Every bit moved up by `least` to `most` places, within the lowest `size` bits."""
    if least >= size:
        return 0
    most = min(most, size)
    done, width = 1, most - least + 1
    while done < width:
        step = min(done, width - done)
        mask |= mask << step
        done += step
    return mask << least & ones(size)


def cut(packed: bytes, start: int, width: int) -> int:
    """Bits `start` to `start + width` of little-endian `packed`, as a small integer."""
    piece = int.from_bytes(packed[start >> 3 : (start + width + 7) >> 3], "little")
    return piece >> (start & 7) & ones(width)
