"""The words other systems use for our codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geoservice.parsing.text import synonyms

CHANNELS = synonyms(
    {
        "hotline": (
            "热线",
            "10086",
            "10000",
            "10010",
            "电话",
            "客服热线",
            "人工热线",
            "call centre",
            "call center",
            "phone",
        ),
        "app": ("掌厅", "手机营业厅", "客户端", "移动应用", "小程序", "app端"),
        "hall": ("营业厅", "实体厅", "门店", "shop", "store", "branch"),
        "web": ("网厅", "网上营业厅", "网站", "官网", "website", "online"),
        "sms": ("短信", "text message"),
        "social": ("微博", "微信", "公众号", "抖音", "weibo", "wechat", "twitter", "facebook"),
        "media": ("媒体", "新闻", "报社", "电视台", "press"),
        "regulator": (
            "工信部",
            "工信部申诉",
            "通管局",
            "通信管理局",
            "申诉",
            "监管",
            "ministry",
            "communications administration",
        ),
        "group": ("集团", "集团公司", "集团转办", "总部"),
        "province": ("省公司", "省公司转办", "provincial company"),
        "consumer_council": ("消协", "消费者协会", "12315", "consumer council"),
        "other": ("其他", "其它"),
    }
)
LEVELS = synonyms(
    {
        "normal": ("普通", "一般", "低", "low", "medium", "常规"),
        "urgent": ("紧急", "加急", "高", "high"),
        "escalated": ("越级", "升级"),
        "major": ("重大", "重要", "critical"),
    }
)
RATS_SHOWN = synonyms(
    {
        "none": ("无", "无服务", "无信号", "no service", "emergency only", "无网络"),
        "2G": ("GSM", "EDGE", "E网", "E", "GPRS", "CDMA", "2"),
        "3G": ("UMTS", "WCDMA", "HSPA", "H+", "TD-SCDMA", "EVDO", "3"),
        "4G": ("LTE", "4G+", "VoLTE", "TD-LTE", "FDD-LTE", "4G/LTE", "4", "HD"),
        "5G": ("NR", "5G SA", "5G NSA", "VoNR", "5GA", "5G-A", "5"),
    }
)
ACCOUNTS = synonyms(
    {
        "active": ("正常", "开机", "在用", "normal"),
        "arrears": ("欠费", "欠费停机", "unpaid"),
        "suspended": ("停机", "报停", "挂失", "保号"),
        "barred": ("限制", "封停", "关停", "blocked", "二次实名"),
        "throttled": ("限速", "达量限速"),
    }
)
FREQUENCIES = synonyms(
    {
        "once": ("偶发", "一次", "首次", "occasionally", "rarely"),
        "several": ("多次", "时有", "经常", "有时", "often", "sometimes"),
        "daily": ("每天", "天天", "every day"),
        "always": ("一直", "持续", "总是", "all the time", "permanent"),
    }
)
CHOICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "channel": CHANNELS,
        "level": LEVELS,
        "rat_shown": RATS_SHOWN,
        "account_status": ACCOUNTS,
        "frequency": FREQUENCIES,
    }
)
# Words that stand for "we do not know": not a value, and not worth a remark.
UNKNOWN = frozenset(
    {"unknown", "na", "none", "null", "nan", "未知", "不详", "不清楚", "travelling", "traveling", "无法判断"}
)
# Labels of contentment in structured sources (MyCall).
SATISFIED = frozenset({"satisfactory", "satisfied", "满意"})
INDOOR = synonyms({"yes": ("indoor", "室内", "inside"), "no": ("outdoor", "室外", "outside")})
