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


def trailing_ones(mask: int) -> int:
    """How many bits in a row are set from bit 0 upwards."""
    return (~mask & mask + 1).bit_length() - 1


def leading_ones(mask: int, below: int) -> int:
    """How many bits in a row are set from bit `below` - 1 downwards."""
    return below - (~mask & ones(below)).bit_length()


def later(mask: int, least: int, most: int, size: int) -> int:
    """Every bit moved up by `least` to `most` places, within the lowest `size` bits."""
    if least >= size:
        return 0
    done, width = 1, min(most, size) - least + 1
    while done < width:
        step = min(done, width - done)
        mask |= mask << step
        done += step
    return mask << least & ones(size)


def sooner(mask: int, least: int, most: int) -> int:
    """Every bit moved down by `least` to `most` places; what falls below 0 is gone."""
    done, width = 1, min(most, mask.bit_length()) - least + 1
    mask >>= min(least, mask.bit_length())
    while done < width:
        step = min(done, width - done)
        mask |= mask >> step
        done += step
    return mask


def cut(packed: bytes, start: int, width: int) -> int:
    """Bits `start` to `start + width` of little-endian `packed`, as a small integer."""
    piece = int.from_bytes(packed[start >> 3 : (start + width + 7) >> 3], "little")
    return piece >> (start & 7) & ones(width)
