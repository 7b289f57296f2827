"""Booking codes: short enough for the telephone, with a sign that betrays a slip."""

# Without I, L, O, U and Z, which are misheard or misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
# Prime, and as many as there are signs: one wrong sign or two exchanged ones never pass.
CHECK = len(ALPHABET)
SHORTEST = 4
READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "Z": "2", "-": "", " ": ""})


def code_of(number: int) -> str:
    """The code of appointment `number` (a primary key), such as 2W1P-E."""
    digits = ""
    while number or len(digits) < SHORTEST:
        number, rest = divmod(number, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return f"{digits}-{_check(digits)}"


def number_of(text: str) -> int | None:
    """The number behind a code as somebody typed it, or None where it is no code."""
    signs = text.strip().upper().translate(READ_AS)
    digits, check = signs[:-1], signs[-1:]
    if not SHORTEST <= len(digits) <= 12 or not set(signs) <= set(ALPHABET):
        return None
    if check != _check(digits):
        return None
    number = 0
    for sign in digits:
        number = number * len(ALPHABET) + ALPHABET.index(sign)
    return number


def _check(digits: str) -> str:
    weighted = enumerate(reversed(digits), start=2)
    return ALPHABET[sum(at * ALPHABET.index(sign) for at, sign in weighted) % CHECK]
