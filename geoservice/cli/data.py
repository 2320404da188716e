"""Commands that bring data in: simulate, import, classify."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from geoservice.cli import common
from geoservice.config import DEFAULT_TIMEZONE
from geoservice.errors import InputError
from geoservice.records import ImportOptions
from geoservice.tables import IMPORTABLE

# What a forgotten or mistyped file name looks like; a complaint never does.
_TEXT_FILES = frozenset({".txt", ".csv", ".tsv"})


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("simulate")(simulate)
    app.command("import")(import_)
    app.command("classify")(classify)


def simulate(
    out: Annotated[Path, typer.Argument(help="Folder to write the import files and truth.json to.")],
    seed: Annotated[int | None, typer.Option(help="Same seed, same city (default: the sample city's).")] = None,
    size: Annotated[str, typer.Option(help="city (about 150 sites) or town (about 20).")] = "city",
    quiet: common.Quiet = False,
) -> None:
    """Write a simulated city with planted problems, in exactly the import formats."""
    from geoservice.simulate import DEFAULT_SEED, write_city

    with common.progress(quiet) as report:
        summary = write_city(out, seed=DEFAULT_SEED if seed is None else seed, size=size, progress=report)
    counts = f"{summary.sites} sites, {summary.cells} cells, {summary.complaints:,} contacts"
    size_mb = summary.total_bytes / 1e6
    common.say(f": {counts}, {summary.problems} planted problems, {size_mb:.1f} MB, seed {summary.seed}", head=str(out))


def import_(
    table: Annotated[
        str,
        typer.Argument(help=f"One of {', '.join(IMPORTABLE)} (hyphens are fine).".replace("_", "-")),
    ],
    files: Annotated[list[Path], typer.Argument(help="CSV, TSV, XLSX, JSON lines, GeoJSON or Parquet.")],
    datum: Annotated[str | None, typer.Option(help="WGS84, GCJ02 or BD09 for rows that do not say.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="TOML file that maps headings to columns.")] = None,
    strict: Annotated[bool, typer.Option(help="All rows or none.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the mapping, ten rows and the counts; store nothing.")
    ] = False,
    source: Annotated[
        str | None, typer.Option(help="Name of the source system (default: from the file's kind).")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of text files (default: detected strictly).")] = None,
    timezone: common.Timezone = DEFAULT_TIMEZONE,
    database: common.Database = None,
    folder: common.Folder = None,
    json: common.Json = False,
    quiet: common.Quiet = False,
) -> None:
    """Import files into a table: every record is taken, rejected with a reason, or known already."""
    options = ImportOptions(
        crs=datum, timezone=timezone, mapping=mapping, strict=strict, source=source, encoding=encoding
    )
    if dry_run:
        _preview(table, files, options, json)
        return
    refused = 0
    with common.service(database, folder, timezone) as service:
        for file in files:
            try:
                with common.progress(quiet or json) as report:
                    result = service.import_file(table, file, options, report)
            except InputError as error:
                if len(files) == 1:
                    raise
                refused += 1
                common.say(f" {error.message}", head="error:", to=common.err)
                continue
            _show_report(asdict(result), json)
    if refused:
        raise InputError(f"{refused} of {len(files)} files were refused")


def _show_report(report: dict[str, Any], json: bool) -> None:
    if json:
        common.print_json(report)
        return
    counts = f"read {report['read']:,} · taken {report['taken']:,} · rejected {report['rejected']:,}"
    line = f" → {report['table']}: {counts} · known already {report['duplicates']:,} · {report['seconds']:.1f} s"
    common.say(line, head=str(report["file"]))
    for note in report["notes"]:
        common.say(f"  note: {note}")
    if report["rejects_file"]:
        common.say(f"  rejects: {report['rejects_file']}")


def _preview(table: str, files: list[Path], options: ImportOptions, json: bool) -> None:
    from geoservice import intake, network
    from geoservice.cli.preview_tables import print_preview
    from geoservice.pipeline import table_name
    from geoservice.tables import TABLES

    name, refused = table_name(table), 0
    for file in files:
        preview = intake.preview(file, TABLES[name], options, network.CLEANERS.get(name))
        if json:
            rows = {"rows": preview.rows.to_dict("records"), "rejects": preview.rejects.head(20).to_dict("records")}
            common.print_json({**asdict(preview), **rows})
        else:
            print_preview(preview)
        refused += options.strict and preview.rejected > 0
    if refused:
        raise InputError(f"strict mode would take nothing of {refused} of {len(files)} files: they hold rejected rows")


def classify(
    what: Annotated[str, typer.Argument(help="A text, or a file with one text a line.")],
    json: common.Json = False,
) -> None:
    """Class of complaint texts, with the phrase that decided."""
    from geoservice.intake.classify import classify as classify_texts
    from geoservice.parsing.masking import mask_text

    texts = _texts(what)
    found = classify_texts(texts)
    columns = ["primary", "secondary", "tags", "confidence", "evidence"]
    rows = found.to_dict("records")
    if json:
        extra = ["direction", "audio", "echo_hearer", "time_pattern"]
        for row in rows:
            common.print_json({name: _plain(row[name]) for name in columns + extra})
        return
    shown = (mask_text(text)[:60] for text in texts)
    told = (
        (
            row["primary"],
            " ".join(row["secondary"]),
            " ".join(row["tags"]),
            f"{row['confidence']:.2f}",
            row["evidence"],
            text,
        )
        for text, row in zip(shown, rows, strict=True)
    )
    common.out.print(common.table(("class", "also", "tags", "confidence", "phrase", "text"), told))


def _texts(what: str) -> list[str]:
    path = Path(what)
    try:
        is_file = path.is_file()
    except OSError:
        is_file = False
    if not is_file and path.suffix.lower() in _TEXT_FILES and " " not in what:
        raise InputError(f"{what}: there is no such file")
    if not is_file:
        return [what]
    try:
        return path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _plain(value: Any) -> Any:
    return None if value is None or value != value else value
