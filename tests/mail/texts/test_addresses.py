import pytest

from marquee.mail.addresses import Undeliverable, deliverable


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        ("alice@example.com", "alice@example.com"),
        ("o'brien+kino@example.com", "o'brien+kino@example.com"),
        ('"a,b"@example.com', '"a,b"@example.com'),
        ("zoe@bücher.example", "zoe@xn--bcher-kva.example"),
        ("zoe@straße.example", "zoe@xn--strae-oqa.example"),
    ],
)
def test_an_address_is_sent_as_smtp_has_it(stored, sent):
    assert deliverable(stored) == sent


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "alice",
        "alice@",
        "a@example.com, b@example.com",
        "a@example.com,b@example.com",
        "a@example.com;b@example.com",
        "a@example.com b@example.com",
        "Alice <alice@example.com>",
        "<alice@example.com>",
        "alice@example.com\nBcc: bob@example.com",
        "alice@example.com\r\n",
        "alice\n@example.com",
        "al\u202eice@example.com",
        "bcc: bob@example.com",
        "jürgen@example.com",
        "ſmith@example.com",
        "alice@-.example",
        f"alice@{'ü' * 80}.example",
        "friends: a@example.com;",
    ],
)
def test_what_is_not_one_address_is_never_sent(address):
    with pytest.raises(Undeliverable):
        deliverable(address)
