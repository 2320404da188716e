"""Commands that use one tool on plain files: scan, site, calibrate, predict."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from geoservice.cli import common
from geoservice.cli.point_file import read_points


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (scan, site, calibrate, predict):
        app.command()(command)


def scan(
    cases: Annotated[Path, typer.Option("--cases", help="CSV: id, x, y (or lat, lon), cases, population.")],
    max_share: Annotated[float, typer.Option(help="Largest window, as a share of the population.")] = 0.5,
    replicas: Annotated[int, typer.Option(min=19, max=99_999, help="Monte Carlo replicas.")] = 999,
    seed: Annotated[int, typer.Option(help="Seed of the Monte Carlo.")] = 1,
    geodesic: Annotated[
        bool | None, typer.Option("--geodesic/--cartesian", help="Distance (default: geodesic for lat, lon).")
    ] = None,
    json: common.Json = False,
) -> None:
    """Kulldorff's circular scan statistic (Poisson) over points: where are more cases than the population explains?"""
    from geoservice.stats import scan as scanning

    ids, geographic, columns = read_points(cases)
    on_globe = geographic if geodesic is None else geodesic
    found = scanning.scan(
        columns["x"],
        columns["y"],
        columns["cases"],
        columns["population"],
        max_share=max_share,
        replicas=replicas,
        seed=seed,
        geodesic=on_globe,
    )
    clusters = [
        {
            "members": [ids[member] for member in cluster.members],
            **{name: getattr(cluster, name) for name in ("cases", "expected", "relative_risk", "llr", "p_value")},
        }
        for cluster in found.clusters
    ]
    if json:
        common.print_json({"clusters": clusters, "total": found.total, "seed": found.seed, "replicas": replicas})
        return
    rows = (
        (
            ", ".join(ids[member] for member in one.members),
            one.cases,
            f"{one.expected:.2f}",
            f"{one.relative_risk:.2f}",
            f"{one.llr:.6f}",
            f"{one.p_value:.4g}",
        )
        for one in found.clusters
    )
    common.out.print(common.table(("members", "cases", "expected", "relative risk", "LLR", "p"), rows))


def site(
    demand: Annotated[Path, typer.Option(help="CSV: x, y (or lat, lon), weight.")],
    types: Annotated[Path, typer.Option(help="TOML: one table a site type with radius and cost.")],
    existing: Annotated[Path | None, typer.Option(help="CSV: x, y (or lat, lon) of existing sites.")] = None,
    candidates: Annotated[
        Path | None, typer.Option(help="CSV: x, y (or lat, lon) of towers and roofs that may be used; else anywhere.")
    ] = None,
    target_share: Annotated[float | None, typer.Option(help="Cover this share of the weight at least cost.")] = None,
    budget: Annotated[float | None, typer.Option(help="Cover the most weight within this cost.")] = None,
    spacing: Annotated[float, typer.Option(help="Sites must be further apart than this.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Same seed, same answer.")] = 1,
    time_limit: Annotated[float, typer.Option(help="Seconds to spend.")] = 100.0,
    json: common.Json = False,
) -> None:
    """Choose sites: reach a share at least cost, or cover the most under a budget, with a proven bound."""
    from geoservice import siting

    places, standing, kinds = siting.read_problem(demand, existing, types)
    plan = siting.solve(
        places,
        standing,
        kinds,
        target_share=target_share,
        budget=budget,
        spacing=spacing,
        candidates=siting.read_candidates(candidates),
        seed=seed,
        time_limit=time_limit,
    )
    if json:
        typer.echo(plan.to_json())
        return
    counts = plan.sites["type"].value_counts().to_dict()
    common.say(
        f"{len(plan.sites)} sites {counts} · cost {plan.cost:g} · covered {plan.covered_share:.2%} · "
        f"bound {plan.bound:g} · gap {plan.gap:.2%} · {plan.seconds:.1f} s"
    )


def calibrate(
    cells: Annotated[Path, typer.Option(help="Cells with engineering parameters (CSV or Parquet).")],
    points: Annotated[Path, typer.Option(help="Measured points with rsrp (CSV or Parquet).")],
    out: Annotated[Path, typer.Option(help="Model file to write.")],
    json: common.Json = False,
    quiet: common.Quiet = False,
) -> None:
    """Fit the prediction to measurements; validated on cells that were not fitted."""
    from geoservice.coverage import points as point_levels

    with common.progress(quiet or json) as report:
        fitted = point_levels.calibrate(
            point_levels.read_frame(cells), point_levels.read_frame(points), progress=report
        )
    fitted.save(out)
    stages = [asdict(stage) for stage in fitted.validation]
    if json:
        common.print_json({"model": str(out), "stage": fitted.stage, "sigma_db": fitted.sigma_db, "validation": stages})
        return
    rows = ([f"{value:.3g}" if isinstance(value, float) else value for value in stage.values()] for stage in stages)
    headings = (name.replace("_", " ") for name in stages[0])
    common.out.print(common.table(headings, rows, title="On cells that were not fitted"))
    common.say(f": {fitted.stage}, from {fitted.cells:,} cells and {fitted.points:,} points", head=str(out))


def predict(
    cells: Annotated[Path, typer.Option(help="Cells with engineering parameters (CSV or Parquet).")],
    points: Annotated[Path, typer.Option(help="Points with the cell each belongs to (CSV or Parquet).")],
    out: Annotated[Path, typer.Option(help="File to write: the points plus rsrp_dbm and sigma_db.")],
    model: Annotated[Path | None, typer.Option(help="Model written by calibrate (default: uncalibrated).")] = None,
    json: common.Json = False,
) -> None:
    """Predicted level of each point's cell, with its uncertainty."""
    from geoservice.coverage import points as point_levels

    fitted = point_levels.PointModel.load(model) if model else None
    found = point_levels.predict_points(point_levels.read_frame(cells), point_levels.read_frame(points), fitted)
    point_levels.write_frame(found, out)
    if json:
        common.print_json({"out": str(out), "points": len(found), "stage": fitted.stage if fitted else "uncalibrated"})
    else:
        common.say(f": {len(found):,} points", head=str(out))
