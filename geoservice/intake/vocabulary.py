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
# Call direction as the file states it; 主叫 is the customer calling out.
DIRECTIONS = synonyms(
    {
        "MO": ("主叫", "呼出", "去话", "outgoing", "calling", "mobile originated"),
        "MT": ("被叫", "呼入", "来话", "incoming", "called", "mobile terminated"),
        "both": ("双向", "主被叫", "主叫被叫", "都有"),
        "unknown": (),
    }
)
AUDIO = synonyms(
    {
        "UL": ("上行", "对方听不到", "对方听不见我", "peer cannot hear me", "uplink"),
        "DL": ("下行", "听不到对方", "我听不见对方", "I cannot hear", "downlink"),
        "both": ("双向", "双方听不到"),
        "unknown": (),
    }
)
ECHO_HEARERS = synonyms(
    {
        "customer": ("用户", "本机", "自己", "me", "own"),
        "peer": ("对方", "对端", "other party"),
        "both": ("双方",),
        "unknown": (),
    }
)
LANGUAGES = synonyms(
    {
        "zh": ("中文", "汉语", "普通话", "粤语", "chinese", "zh-CN", "zh-TW", "zh-HK", "zh_Hans"),
        "en": ("英文", "英语", "english", "en-US", "en-GB"),
        "mixed": ("中英混合", "混合"),
    }
)
CARD_TYPES = synonyms(
    {
        "single_mode": ("单模", "单模卡", "single mode"),
        "dual_mode": ("双模", "双模卡", "dual mode"),
        "normal": ("普通", "普通卡"),
    }
)
PRECISIONS = synonyms(
    {
        "gnss": ("GPS", "GNSS", "卫星定位", "app"),
        "building": ("楼宇", "建筑物", "POI", "rooftop"),
        "street": ("门牌", "街道门牌", "street address"),
        "cell": ("小区定位", "基站定位", "cell id", "基站"),
        "village": ("村", "道路", "road", "village name"),
        "township": ("乡镇", "镇", "街道办"),
        "district": ("区县", "区", "县"),
        "city": ("市", "城市", "地市"),
        "none": ("无",),
    }
)
SCENES = synonyms(
    {
        "government": ("党政机关", "政府", "政务中心", "政府机关"),
        "scenic": ("景区", "旅游景区", "重点景区", "文旅", "scenic area"),
        "hospital": ("医院", "医疗机构", "医疗", "clinic"),
        "university": ("高校", "学校", "校园", "高等学校", "school", "campus"),
        "transport_hub": ("交通枢纽", "机场", "火车站", "高铁站", "客运站", "airport", "station", "hub"),
        "metro": ("地铁", "轨道交通", "subway"),
        "road": ("高速", "高速公路", "道路", "公路", "铁路", "高铁", "水路", "交通干线", "highway", "rail"),
        "mall": ("商场", "商圈", "商超", "商业", "购物中心", "shopping centre", "shopping mall"),
        "residential": ("住宅", "住宅小区", "居民区", "居民小区", "小区", "estate"),
        "office": ("写字楼", "商务楼宇", "楼宇", "产业园", "园区", "office building", "business park"),
        "rural": ("农村", "乡村", "行政村", "自然村", "乡镇", "village"),
    }
)
CHOICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "channel": CHANNELS,
        "level": LEVELS,
        "rat_shown": RATS_SHOWN,
        "account_status": ACCOUNTS,
        "frequency": FREQUENCIES,
        "direction": DIRECTIONS,
        "audio": AUDIO,
        "echo_hearer": ECHO_HEARERS,
        "language": LANGUAGES,
        "card_type": CARD_TYPES,
        "precision": PRECISIONS,
        "scene": SCENES,
    }
)
# Words that stand for "we do not know": not a value, and not worth a remark.
UNKNOWN = frozenset(
    {"unknown", "na", "none", "null", "nan", "未知", "不详", "不清楚", "travelling", "traveling", "无法判断"}
)
# Labels of contentment in structured sources (MyCall).
SATISFIED = frozenset({"satisfactory", "satisfied", "满意"})
INDOOR = synonyms({"yes": ("indoor", "室内", "inside"), "no": ("outdoor", "室外", "outside")})
# Words for yes and no that only one field uses.
FLAG_WORDS: Mapping[str, dict[str, str]] = MappingProxyType(
    {
        "indoor": INDOOR,
        "dual_sim": synonyms({"yes": ("双卡", "双卡双待", "dual", "2"), "no": ("单卡", "single")}),
        "volte_on": synonyms(
            {"yes": ("已开通", "开通", "开启", "on", "enabled"), "no": ("未开通", "关闭", "off", "disabled")}
        ),
    }
)
