"""The arithmetic of the chain, by vectors and by computing it again with nothing but the standard library."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.gongzhi import PROJECT
from services.chassis.audit_chain import Head, SignedHead, Signer, Tree, genesis, link_hash, row_hash
from services.chassis.config import load
from tests.audit.conftest import Chain

# The leaves of RFC 6962's reference implementation and the roots of the trees over the first of them.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
SIGNER = Signer(load({"GONGZHI_SECRET": "s" * 32}))
HEAD = Head(chain="claims", size=3, root="ab" * 32, hash="cd" * 32, at="2026-11-23T08:00:00.000000Z")


def leaf(octets: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + octets).digest()


def root_by_the_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = root_by_the_definition(leaves[:split]), root_by_the_definition(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_the_tree_has_the_roots_of_the_reference(size: int, root: str) -> None:
    tree = Tree()

    tree.extend(leaf(octets) for octets in LEAVES[:size])

    assert tree.root().hex() == root


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_tree_continued_from_its_peaks_is_the_tree_over_all_leaves(before: int, after: int) -> None:
    leaves = [leaf(bytes([number])) for number in range(before + after)] if before + after < 256 else []
    tree = Tree()
    tree.extend(leaves[:before])

    continued = Tree(tree.size, tree.peaks)
    continued.extend(leaves[before:])

    assert continued.root() == root_by_the_definition(leaves)


def test_peaks_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="as many peaks"):
        Tree(3, b"x" * 32)


def test_a_head_is_ours_only_as_it_was_signed() -> None:
    signed = SIGNER.sign(HEAD)
    stranger = Signer(load({"GONGZHI_SECRET": "t" * 32}))

    assert SIGNER.is_ours(signed)
    assert not stranger.is_ours(signed)
    for change in (
        {"size": 4},
        {"root": "00" * 32},
        {"chain": "gateway"},
        {"at": "2026-11-23T08:00:01.000000Z"},
    ):
        assert not SIGNER.is_ours(replace(signed, head=replace(HEAD, **change)))  # type: ignore[arg-type]


def test_a_head_survives_its_line() -> None:
    signed = SIGNER.sign(HEAD)

    assert SignedHead.of(json.loads(signed.as_line())) == signed


def test_the_worked_example_of_the_document_holds_with_the_standard_library_alone() -> None:
    """Whoever reads docs/audit.md can compute it all again; this does nothing else."""
    document = (PROJECT / "docs" / "audit.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|$", document, flags=re.MULTILINE))
    row = re.search(r"```json\n(\{.*\})\n```", document)
    assert row is not None

    first = hashlib.sha256(b"\x00" + row[1].encode()).digest()
    start = hashlib.sha256(b"gongzhi audit chain claims").digest()
    linked = hashlib.sha256(b"\x02" + (1).to_bytes(8, "big") + start + first).digest()
    second = hashlib.sha256(b"\x00" + b"x").digest()
    root = hashlib.sha256(b"\x01" + first + second).digest()

    assert json.dumps(json.loads(row[1]), ensure_ascii=False, sort_keys=True, separators=(",", ":")) == row[1]
    assert told == {
        "row_hash": first.hex(),
        "prev_hash": start.hex(),
        "hash": linked.hex(),
        "root": root.hex(),
    }
    assert (genesis("claims"), link_hash(1, start, first)) == (start, linked)


def test_what_was_written_is_chained_in_order_without_gaps_and_signed_elsewhere(chain: Chain) -> None:
    for number in range(5):
        chain.register(number)

    signed = chain.seal()

    entries = [dict(entry._mapping) for entry in chain.entries()]
    hashes = [row_hash("staffing", entry) for entry in entries]
    assert signed is not None
    assert (signed.head.size, signed.head.root) == (5, root_by_the_definition(hashes).hex())
    assert _lines(chain.file) == [signed.as_line()]
    assert chain.verify().findings == []


def test_sealing_goes_on_where_it_ended_and_signs_only_what_has_grown(chain: Chain) -> None:
    chain.register(1)
    chain.seal()
    assert chain.seal() is None
    chain.register(2)
    chain.seal(sign=False)
    chain.register(3)

    signed = chain.seal()

    assert signed is not None
    assert signed.head.size == 3
    assert len(_lines(chain.file)) == 2
    assert chain.verify().is_sound


def test_a_head_that_did_not_reach_the_file_reaches_it_with_the_next_leader(chain: Chain) -> None:
    chain.register(1)
    signed = chain.seal()
    chain.file.unlink()

    chain.seal()

    assert signed is not None
    assert _lines(chain.file) == [signed.as_line()]


def test_what_somebody_puts_into_the_queue_twice_or_for_nothing_is_chained_once(chain: Chain) -> None:
    chain.register(1)
    chain.seal()
    with chain.database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO audit.unchained SELECT entry_id FROM audit.entries")
        connection.exec_driver_sql("INSERT INTO audit.unchained VALUES (gen_random_uuid())")

    chain.seal()

    verdict = chain.verify()
    assert (verdict.size, verdict.waiting, verdict.findings) == (1, 0, [])


def test_the_signature_verifies_with_the_public_key_alone(chain: Chain) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    chain.register(1)
    chain.seal()
    line = json.loads(_lines(chain.file)[0])
    names = ("at", "chain", "hash", "root", "size")
    written = json.dumps({name: str(line[name]) for name in names}, sort_keys=True, separators=(",", ":"))

    public = Ed25519PublicKey.from_public_bytes(Signer(chain.config).public_key)
    public.verify(base64.b64decode(line["signature"]), b"gongzhi audit head\n" + written.encode())


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()
