"""Files as series: what is read, how it is put on a grid, and what is said of a bad file."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chimera.domain import Misconfigured, NotFound
from chimera.platform.files import even, read

START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


def written(folder: Path, text: str, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "times",
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"),
        ("2026-01-01 00:00:00", "2026-01-01 00:01:00"),
        ("2026/01/01 00:00", "2026/01/01 00:01"),
        ("2026-01-01T01:00:00+01:00", "2026-01-01T01:01:00+01:00"),
        (f"{START:.0f}", f"{START + 60:.0f}"),
        (f"{START:.0f}000", f"{START + 60:.0f}000"),
        (f"{START:.0f}000000", f"{START + 60:.0f}000000"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_times_are_read_as_people_write_them(
    tmp_path: Path, times: tuple[str, str], separator: str
) -> None:
    rows = [("cpu", "when", "mem"), ("1.5", times[0], "7"), ("", times[1], "8e2")]
    sheet = read(written(tmp_path, "\n".join(separator.join(row) for row in rows)))
    assert sheet.names == ("cpu", "mem")
    np.testing.assert_allclose(sheet.times, [START, START + 60])
    np.testing.assert_array_equal(sheet.values, [[1.5, np.nan], [7, 800]])


def test_a_file_without_a_header_and_one_that_is_packed_are_read_as_well(tmp_path: Path) -> None:
    lines = "".join(f"{START + 60 * n:.0f},{n}\n" for n in range(120_000))  # more than one piece
    plain = read(written(tmp_path, lines))
    assert plain.names == ("column 2",)
    assert plain.values[0, -1] == 119_999
    packed = tmp_path / "data.csv.gz"
    packed.write_bytes(gzip.compress(lines.encode()))
    np.testing.assert_array_equal(read(packed).values, plain.values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("time,cpu\n", "has a header and no rows"),
        ("a,b\n1,2\n3,4\n", "no column holds times; it has 'a', 'b'"),
        ("time,cpu\n2026-01-01T00:00:00Z,1\nsoon,2\n", "line 3, column 'time': 'soon' is no time"),
        ("time,cpu\n2026-01-01,1\n\n2026-01-02,hot\n", "line 4, column 'cpu': 'hot' is no number"),
        ("time,cpu\n2026-01-02,1\n2026-01-01,2\n", "line 3, column 'time': 2026-01-01T00:00:00Z comes after"),
        ("time,cpu\n2026-01-01,1\n2026-01-01,2\n", "line 3, column 'time': the time 2026-01-01T00:00:00Z was"),
        ("time,cpu\n2026-01-01,1\n2026-01-02,2,3\n", "line 3: 3 cells where the header has 2"),
        ("time,cpu,cpu\n2026-01-01,1,2\n", "line 1: columns 2 and 3 are both called 'cpu'"),
        ("time\n2026-01-01\n2026-01-02\n", "is its only column"),
        ("time,cpu\n2026-01-01,1\n", "1 row with data"),
        ("time,cpu\n2026-01-01,1\xe9\n".encode("latin-1").decode("latin-1"), "is no number"),
    ],
)  # fmt: skip
def test_a_bad_file_gets_one_line_with_file_line_and_column(
    tmp_path: Path, text: str, said: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(Misconfigured) as error:
        read(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_asked_for_and_is_not_there_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "time,cpu\n2026-01-01,1\n2026-01-02,2\n")
    with pytest.raises(Misconfigured, match="no column 'memory'; it has 'time', 'cpu'"):
        read(path, columns=("memory",))
    with pytest.raises(Misconfigured, match="no column 'when' for the time"):
        read(path, time="when")
    with pytest.raises(NotFound, match="no file"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(Misconfigured, match="is called Parquet and is not"):
        read(written(tmp_path, "time,cpu\n", "data.parquet"))
    binary = tmp_path / "data.csv"
    binary.write_bytes(b"time,cpu\n\xff\xfe\x00,1\n")
    with pytest.raises(Misconfigured, match="not UTF-8"):
        read(binary)


def test_parquet_is_read_like_csv_and_complains_like_it(tmp_path: Path) -> None:
    path = tmp_path / "data"
    stamps = pa.array([int(START) * 1000, int(START + 60) * 1000], pa.timestamp("ms"))
    table = {"cpu": pa.array([1, None], pa.int32()), "at": stamps, "host": ["a", "b"]}
    pq.write_table(pa.table(table), path)
    sheet = read(path, columns=("cpu",))
    np.testing.assert_allclose(sheet.times, [START, START + 60])
    np.testing.assert_array_equal(sheet.values, [[1, np.nan]])
    assert "UTC" in sheet.notes[0]
    with pytest.raises(Misconfigured, match="column 'host': it holds string and no numbers"):
        read(path)
    pq.write_table(pa.table({"ts": [1.7e9, 1.7e9], "v": [1.0, 2.0]}), path)
    with pytest.raises(Misconfigured, match=r"row 2, column 'ts': the time .* was in row 1"):
        read(path, time="ts")
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(Misconfigured, match="no whole Parquet file"):
        read(path)


def test_even_times_stay_and_uneven_ones_are_put_on_a_grid_by_the_stated_rule(
    tmp_path: Path,
) -> None:
    def of(*seconds: float) -> str:
        return "time,v\n" + "".join(f"{START + s},{n + 1}\n" for n, s in enumerate(seconds))

    jitter = even(read(written(tmp_path, of(0, 61, 119, 180, 241))))
    assert jitter.values.shape == (1, 5)
    assert jitter.step == pytest.approx(60, abs=0.5)
    assert not jitter.note
    gap = even(read(written(tmp_path, of(0, 60, 120, 300, 310, 360))))
    assert gap.step == 60
    np.testing.assert_array_equal(gap.values[0], [1, 2, 3, np.nan, np.nan, 4.5, 6])
    assert "2 of 7 points have none" in gap.note
    with pytest.raises(Misconfigured, match="too uneven"):
        even(read(written(tmp_path, of(0, 1, 2, 1e6))))
    assert even(read(written(tmp_path, of(0, 1, 2, 1e6))), 3600.0).values.shape == (1, 279)
