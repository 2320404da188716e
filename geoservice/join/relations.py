"""Relations between cells at a subject: missing or failing neighbours, PCI clashes, tracking-area borders."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.join.levels import FEWEST_REFERENCE

# A hand-over relation is judged from this many attempts on (handbook: KPI deviations from 50 attempts).
FEWEST_HANDOVERS = 50.0
# Cells this close in level both reach the place (handbook: overlap within 6 dB).
PAIR_SHARE = 0.05


def pair_weights(
    here: pd.DataFrame, coverage: pd.DataFrame, samples: pd.DataFrame, config_window_db: float
) -> pd.DataFrame:
    """Ordered cell pairs that meet at each subject: ``subject``, ``src``, ``dst``, ``weight``.

    Two cells meet in a hex where the second is within the overlap window of the best, or where
    phones were measured on both.
    """
    near = coverage[(coverage["dominance_db"] <= config_window_db) & coverage["second_cgi"].notna()]
    predicted = here.merge(near[["hex", "best_cgi", "second_cgi"]], on="hex")
    predicted = predicted.rename(columns={"best_cgi": "src", "second_cgi": "dst"})
    both = pd.concat([predicted[["subject", "src", "dst", "weight"]], _measured_pairs(samples)], ignore_index=True)
    return both.groupby(["subject", "src", "dst"], as_index=False).agg(weight=("weight", "sum"))


def _measured_pairs(samples: pd.DataFrame) -> pd.DataFrame:
    seen = (
        samples[samples["cgi"].notna()].groupby(["subject", "hex", "cgi"], as_index=False).agg(weight=("weight", "sum"))
    )
    total = seen.groupby(["subject", "hex"])["weight"].transform("sum")
    seen = seen[seen["weight"] >= 2 * PAIR_SHARE * total]
    pairs = seen.merge(seen, on=["subject", "hex"], suffixes=("", "_dst"))
    pairs = pairs[pairs["cgi"] != pairs["cgi_dst"]]
    weight = np.minimum(pairs["weight"], pairs["weight_dst"])
    return pd.DataFrame({"subject": pairs["subject"], "src": pairs["cgi"], "dst": pairs["cgi_dst"], "weight": weight})


def neighbour_features(
    pairs: pd.DataFrame, neighbours: pd.DataFrame, coverage: pd.DataFrame, window_db: float, count: int
) -> pd.DataFrame:
    """``missing_neighbour*``, ``ho_fail_*`` and ``has_neighbours`` of each subject."""
    relations = _relations(neighbours)
    joined = _with_relation(pairs, relations)
    known = set(relations["src"])
    groups = dict(iter(joined.groupby("subject")))
    rows = [_neighbour_row(groups.get(i, joined.iloc[:0]), known) for i in range(count)]
    return pd.DataFrame(rows, index=range(count)).assign(
        missing_neighbour_expected=_usual_missing(coverage, relations, known, window_db),
        ho_rate_usual=_usual_rate(relations),
    )


def missing_of(servers: pd.DataFrame, neighbours: pd.DataFrame) -> pd.DataFrame:
    """Relations that the likeliest server of each complaint lacks to the others that may serve there.

    Parameters
    ----------
    servers : ``row``, ``cgi``, ``probability``, likeliest first within a row.

    Returns
    -------
    ``missing_neighbour`` (src>dst, the likeliest) and ``missing_neighbours`` (how many) by row; the
    count is missing where the table lists no relation of the source at all.
    """
    relations = _relations(neighbours)
    known = set(relations["src"])
    first = servers.drop_duplicates("row")[["row", "cgi"]].rename(columns={"cgi": "src"})
    others = servers[servers.duplicated("row") & (servers["probability"] >= PAIR_SHARE)]
    pairs = first[first["src"].isin(known)].merge(others[["row", "cgi"]].rename(columns={"cgi": "dst"}), on="row")
    joined = _with_relation(pairs[pairs["src"] != pairs["dst"]], relations)
    missing = joined[joined["missing"]].drop_duplicates("row").set_index("row")
    judged = first.loc[first["src"].isin(known), "row"].to_numpy()
    count = joined.groupby("row")["missing"].sum().reindex(judged, fill_value=0)
    named = missing["src"].astype("str") + ">" + missing["dst"].astype("str")
    return pd.DataFrame({"missing_neighbour": named.reindex(judged), "missing_neighbours": count})


def _relations(neighbours: pd.DataFrame) -> pd.DataFrame:
    frame = neighbours.rename(columns={"src_cgi": "src", "dst_cgi": "dst"})
    frame = frame.assign(defined=frame["defined"].astype("boolean").fillna(True).astype(bool))
    grouped = frame.groupby(["src", "dst"], as_index=False)
    return grouped.agg(ho_att=("ho_att", "sum"), ho_succ=("ho_succ", "sum"), defined=("defined", "max"))


def _with_relation(pairs: pd.DataFrame, relations: pd.DataFrame) -> pd.DataFrame:
    joined = pairs.merge(relations, on=["src", "dst"], how="left")
    joined["missing"] = ~joined["defined"].fillna(False).astype(bool)
    return joined


def _neighbour_row(part: pd.DataFrame, known: set[str]) -> dict[str, object]:
    """A relation can be called missing only of a source whose other relations are in the table."""
    judged = part[part["src"].isin(known)]
    if not len(judged):
        return {
            "missing_neighbour": None, "missing_neighbour_share": np.nan, "ho_fail_pair": None,
            "ho_fail_rate": np.nan, "has_neighbours": False,
        }  # fmt: skip
    missing = judged[judged["missing"]].sort_values("weight")
    share = float(missing["weight"].sum() / judged["weight"].sum())
    failing = judged[judged["ho_att"] >= FEWEST_HANDOVERS]
    rate = (1 - failing["ho_succ"] / failing["ho_att"]).to_numpy(float)
    worst = int(np.argmax(rate)) if len(rate) else None
    return {
        "missing_neighbour": _pair(missing.iloc[-1]) if len(missing) else None,
        "missing_neighbour_share": share,
        "ho_fail_pair": None if worst is None else _pair(failing.iloc[worst]),
        "ho_fail_rate": float("nan") if worst is None else float(rate[worst]),
        "has_neighbours": True,
    }


def _pair(row: pd.Series) -> str:
    return f"{row['src']}>{row['dst']}"


def _usual_missing(coverage: pd.DataFrame, relations: pd.DataFrame, known: set[str], window_db: float) -> float:
    """Share of the pairs all over the network without a relation: what chance or a short table explains."""
    if len(coverage) < FEWEST_REFERENCE:
        return 0.0
    near = coverage[(coverage["dominance_db"] <= window_db) & coverage["second_cgi"].notna()]
    pairs = near[["best_cgi", "second_cgi"]].set_axis(["src", "dst"], axis=1)
    pairs = _with_relation(pairs[pairs["src"].isin(known)], relations)
    return float(pairs["missing"].mean()) if len(pairs) else float("nan")


def _usual_rate(relations: pd.DataFrame) -> float:
    busy = relations[relations["ho_att"] >= FEWEST_HANDOVERS]
    return float((1 - busy["ho_succ"] / busy["ho_att"]).median()) if len(busy) else float("nan")


def identity_features(served: pd.DataFrame, cells: pd.DataFrame, count: int) -> pd.DataFrame:
    """``mod3_*``, ``pci_equal`` and ``tac_border``: identities of the cells that serve the subject in turn.

    Every two servers are weighted by the product of their probabilities, the chance that a phone
    that moves between two servers meets this pair.
    """
    known = cells.drop_duplicates("cgi")[["cgi", "pci", "tac", "rat", "frequency_mhz", "arfcn"]]
    one = served[served["probability"] >= PAIR_SHARE][["subject", "cgi", "probability"]].merge(known, on="cgi")
    pairs = one.merge(one, on="subject", suffixes=("", "_2"))
    pairs = pairs[pairs["cgi"] < pairs["cgi_2"]]
    pairs = pairs.assign(weight=pairs["probability"] * pairs["probability_2"])
    carrier = pairs["frequency_mhz"].eq(pairs["frequency_mhz_2"]) | pairs["arfcn"].eq(pairs["arfcn_2"])
    pairs["cochannel"] = _sure(pairs["rat"].eq(pairs["rat_2"]) & carrier)
    pairs["equal"] = _sure(pairs["cochannel"] & pairs["pci"].eq(pairs["pci_2"]))
    pairs["mod3"] = _sure(pairs["cochannel"] & (pairs["pci"] % 3).eq(pairs["pci_2"] % 3))
    pairs["border"] = _sure(pairs["tac"].ne(pairs["tac_2"]))
    groups = dict(iter(pairs.groupby("subject")))
    return pd.DataFrame([_identity_row(groups.get(i, pairs.iloc[:0])) for i in range(count)], index=range(count))


def _sure(flags: pd.Series) -> pd.Series:
    return flags.astype("boolean").fillna(False).astype(bool)


def _identity_row(part: pd.DataFrame) -> dict[str, object]:
    same = part[part["cochannel"]]
    if not len(same):
        border = bool(part["border"].any()) if len(part) else None
        return {"mod3_pair": None, "mod3_share": np.nan, "pci_equal": None, "tac_border": border}
    clash = same[same["mod3"]].sort_values("weight")
    return {
        "mod3_pair": f"{clash['cgi'].iloc[-1]}>{clash['cgi_2'].iloc[-1]}" if len(clash) else None,
        "mod3_share": float(clash["weight"].sum() / same["weight"].sum()),
        "pci_equal": bool(same["equal"].any()),
        "tac_border": bool(part["border"].any()),
    }
