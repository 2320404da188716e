"""Headings and labels of what commands print, in both languages."""

from __future__ import annotations

_ZH = {
    "action": "措施",
    "as of": "数据截至",
    "cause": "原因",
    "class": "类别",
    "conf.": "置信度",
    "cost": "成本级别",
    "customers": "投诉客户数",
    "customers gained": "改善客户数",
    "customers lost": "变差客户数",
    "customers net": "净改善客户数",
    "customers newly overlapped": "新增重叠覆盖客户数",
    "days": "天",
    "department": "责任部门",
    "due": "期限",
    "expected": "预期",
    "from": "开始",
    "hexes affected": "影响网格数",
    "hotspot": "热点",
    "id": "编号",
    "lacking": "还缺",
    "map": "地图",
    "nearby": "附近",
    "net customers": "净改善客户",
    "p": "p 值",
    "planned": "规划站点",
    "risk": "相对风险",
    "since": "始于",
    "threshold": "门限",
    "to": "结束",
    "what": "内容",
}


def word(name: str, language: str) -> str:
    """A heading in the language asked for; what has no translation stays as it is."""
    return _ZH.get(name, name) if language == "zh" else name


def words(names: tuple[str, ...], language: str) -> tuple[str, ...]:
    """Several headings."""
    return tuple(word(name, language) for name in names)
