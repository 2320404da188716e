"""Colours and classes of every measure, one source for live map, exported map and legend.

Sequential scales rise in lightness only along one path and diverging ones pair blue with red, so
that they stay readable with the usual colour-vision deficiencies (after ColorBrewer 2.0 YlOrRd and
RdBu; levels after its RdYlBu, without the greens that red-green blindness loses).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from geoservice.names import LEVEL_COLOURS, LEVEL_EDGES_DBM

_HEAT = ("#fee391", "#fec44f", "#fe9929", "#e8601c", "#a11a06")
_DIVERGING = ("#2166ac", "#92c5de", "#e6e6e6", "#f4a582", "#d6604d", "#b2182b")
# From "no usable level" (dark red) to "excellent" (dark blue): order by lightness and hue together.
_LEVEL = LEVEL_COLOURS
_SHARE = ("#7f0000", "#d7301f", "#fdae61", "#74add1", "#2c4f9e")


@dataclass(frozen=True, slots=True)
class Scale:
    """Classes of a measure: value ``v`` has colour ``colours[number of breaks <= v]``.

    ``low`` is the least value that is drawn (counts below it are hidden or nothing); ``whole`` marks
    counts, whose classes read "3 – 5" instead of "3 – 6".

    ``categories`` replaces breaks for measures that are not numbers.
    """

    colours: tuple[str, ...]
    breaks: tuple[float, ...] = ()
    low: float | None = None
    whole: bool = False
    unit_zh: str = ""
    unit_en: str = ""
    title_zh: str = ""
    title_en: str = ""
    categories: tuple[tuple[str, str, str], ...] = ()

    def as_json(self, language: str) -> dict[str, Any]:
        """What the browser needs, in one language."""
        values = asdict(self)
        categories = [(code, zh if language == "zh" else en) for code, zh, en in self.categories]
        return {
            "colours": values["colours"],
            "breaks": values["breaks"],
            "low": values["low"],
            "whole": values["whole"],
            "unit": values[f"unit_{language}"],
            "title": values[f"title_{language}"],
            "categories": categories,
        }


SCALES: MappingProxyType[str, Scale] = MappingProxyType(
    {
        "customers": Scale(
            _HEAT, (6, 11, 21, 51), 3, True, "个客户", "customers", "投诉客户数", "Complaining customers"
        ),
        "contacts": Scale(_HEAT, (6, 11, 21, 51), 3, True, "次", "contacts", "投诉次数", "Contacts"),
        "rate": Scale(
            _DIVERGING,
            (0.5, 0.8, 1.25, 2, 4),
            unit_zh="倍（相对预期）",
            unit_en="× expected",
            title_zh="投诉率（平滑）",
            title_en="Complaint rate (smoothed)",
        ),
        "excess": Scale(
            _DIVERGING,
            (-3, -1, 1, 3, 10),
            unit_zh="个客户（超出预期）",
            unit_en="customers above expected",
            title_zh="超出预期的客户",
            title_en="Excess customers",
        ),
        "significance": Scale(
            _DIVERGING,
            (-2.58, -1.96, 1.96, 2.58, 4),
            unit_zh="z",
            unit_en="z",
            title_zh="显著性 Gi*",
            title_en="Significance (Gi*)",
        ),
        "rsrp": Scale(
            _LEVEL,
            tuple(int(edge) for edge in LEVEL_EDGES_DBM),
            unit_zh="dBm",
            unit_en="dBm",
            title_zh="室外 RSRP（最强小区）",
            title_en="RSRP outdoors (best server)",
        ),
        "rsrp_indoor": Scale(
            _LEVEL,
            (-120, -115, -110, -105, -95),
            unit_zh="dBm",
            unit_en="dBm",
            title_zh="室内 RSRP",
            title_en="RSRP indoors",
        ),
        "sinr": Scale(_LEVEL, (-3, 0, 5, 10, 20), unit_zh="dB", unit_en="dB", title_zh="SINR", title_en="SINR"),
        "probability": Scale(
            _SHARE,
            (0.1, 0.5, 0.8, 0.95),
            unit_zh="概率",
            unit_en="probability",
            title_zh="覆盖概率 P(RSRP > −110)",
            title_en="Coverage probability P(RSRP > −110)",
        ),
        "dominance": Scale(
            _LEVEL,
            (1, 3, 6, 10, 15),
            unit_zh="dB",
            unit_en="dB",
            title_zh="主服务小区领先量",
            title_en="Lead of the best server",
        ),
        "basis": Scale(
            ("#2c4f9e", "#74add1", "#fdae61", "#bdbdbd"),
            title_zh="数值依据",
            title_en="What the level rests on",
            categories=(
                ("measured", "实测", "measured"),
                ("blended", "综合", "blended"),
                ("predicted", "预测", "predicted"),
                ("assumed", "假设", "assumed"),
            ),
        ),
        "best_server": Scale(
            (
                "#4477aa",
                "#ee6677",
                "#228833",
                "#ccbb44",
                "#66ccee",
                "#aa3377",
                "#e0884a",
                "#7b6fb0",
                "#999933",
                "#44aa99",
                "#882255",
                "#6699cc",
            ),
            title_zh="最强服务小区（按颜色区分）",
            title_en="Best server (colours tell neighbours apart)",
        ),
    }
)


def scales(language: str) -> dict[str, Any]:
    """Every scale for the browser."""
    return {name: scale.as_json(language) for name, scale in SCALES.items()}
