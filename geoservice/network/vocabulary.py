"""The words network tables use for our codes."""

from __future__ import annotations

from geoservice.parsing.text import synonyms

RATS = synonyms(
    {
        "GSM": ("2G", "GSM900", "GSM1800", "DCS1800", "GPRS", "EDGE"),
        "UMTS": ("3G", "WCDMA", "TD-SCDMA", "TDSCDMA", "HSPA", "HSPA+"),
        "CDMA": ("CDMA2000", "EVDO", "1X"),
        "LTE": (
            "4G",
            "LTE-FDD",
            "FDD-LTE",
            "FDD",
            "TD-LTE",
            "TDD-LTE",
            "TDD",
            "LTE-TDD",
            "TDLTE",
            "LTE FDD",
            "NB-IoT",
            "eMTC",
        ),
        "NR": ("5G", "NR-SA", "NR-NSA", "SA", "NSA", "5G NR", "5GNR", "SUL"),
    }
)
SITE_TYPES = synonyms(
    {
        "macro": ("宏站", "宏基站", "宏", "宏蜂窝", "macro site", "宏小区", "1"),
        "micro": ("微站", "微小站", "微蜂窝", "小站", "微基站", "small cell", "杆站", "滴灌站"),
        "pico": ("皮站", "皮基站", "皮飞站", "QCell", "Lampsite"),
        "DAS": ("室分", "室内分布", "室内", "室分站", "室内站", "indoor", "室内分布系统", "数字化室分"),
        "repeater": ("直放站", "光纤直放站"),
        "femto": ("飞站", "飞蜂窝", "家庭基站"),
    }
)
CELL_STATES = synonyms(
    {
        "active": (
            "在网",
            "正常",
            "现网",
            "已开通",
            "运行",
            "激活",
            "在用",
            "是",
            "运行中",
            "开通",
            "on air",
            "on",
            "working",
            "up",
        ),
        "planned": ("规划", "在建", "未开通", "工程", "待开通", "建设中", "planning"),
        "off": ("关闭", "休眠", "闭锁", "停用", "去激活", "关断", "否", "锁定", "locked", "inactive", "down"),
        "fault": ("故障", "退服", "断站", "out of service"),
        "decommissioned": ("拆除", "退网", "报废", "拆站", "搬迁", "dismantled", "removed"),
    }
)
INDOOR = synonyms(
    {
        "yes": ("室内", "室分", "indoor", "室内分布", "室分站", "接室分", "室内覆盖", "是"),
        "no": ("室外", "宏站", "outdoor", "宏基站", "室外站", "室外覆盖", "宏", "微站", "隧道", "tunnel", "高铁", "否"),
        "unknown": ("混合", "mixed", "室内外", "both", "室内外均有"),
    }
)
OMNI = synonyms({"omni": ("1", "全向", "omnidirectional", "全向站"), "directional": ("2", "定向", "sector", "定向站")})
SEVERITIES = synonyms(
    {
        "critical": ("紧急", "严重", "一级", "一级告警", "1", "紧急告警", "致命", "P1"),
        "major": ("重要", "主要", "二级", "二级告警", "2", "重要告警", "P2"),
        "minor": ("次要", "三级", "三级告警", "3", "次要告警", "一般", "P3"),
        "warning": ("提示", "警告", "四级", "四级告警", "4", "提示告警", "info", "P4", "indeterminate"),
    }
)
ENERGY_MODES = synonyms(
    {
        "symbol": ("符号关断", "符号级关断", "symbol shutdown"),
        "channel": ("通道关断", "射频通道关断", "channel shutdown"),
        "carrier": ("载波关断", "载频关断", "小区关断", "carrier shutdown", "cell"),
        "deep_sleep": ("深度休眠", "休眠", "deep sleep", "AAU休眠", "sleep"),
    }
)
SOURCES = synonyms(
    {
        "DT": ("路测", "drive test", "drive", "扫频"),
        "CQT": ("定点", "拨测", "定点测试", "定点拨测", "spot"),
        "MDT": ("MDT_immediate", "MDT_logged", "immediate", "logged"),
        "MR": ("测量报告", "MRO", "MRS"),
        "RLF": ("无线链路失败",),
        "APP": ("众测", "crowd", "crowdsourced", "SDK", "OTT", "用户端"),
    }
)
PLAN_STATES = synonyms(
    {
        "proposed": ("规划", "拟建", "需求", "规划中", "待审批", "提出"),
        "approved": ("已批复", "批复", "立项", "已立项", "审批通过"),
        "designed": ("设计", "已设计", "设计完成", "勘察完成"),
        "building": ("在建", "建设中", "施工", "施工中", "待开通"),
        "on_air": ("已开通", "开通", "入网", "on air", "已入网"),
        "cancelled": ("取消", "已取消", "废弃", "作废", "canceled"),
    }
)
PLAN_TYPES = synonyms(
    {
        "macro": ("宏站", "宏基站", "宏"),
        "micro": ("微站", "微小站", "杆站"),
        "DAS": ("室分", "室内分布", "indoor", "室分站"),
        "small_cell": ("小站", "皮站", "皮基站", "small cell", "pico", "飞站"),
        "repeater": ("直放站",),
    }
)
GRANULARITIES = synonyms(
    {
        "hour": ("小时", "h", "1h", "60", "60分钟", "60min", "小时级", "hourly", "3600"),
        "day": ("天", "日", "d", "1d", "24h", "天级", "daily", "1440", "86400"),
    }
)
GEONAMES_KINDS = {
    "P": "city",
    "A": "district",
    "S": "building",
    "R": "street",
    "L": "area",
    "H": "water",
    "T": "mountain",
}
