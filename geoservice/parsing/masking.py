"""Personal data inside free text: telephone numbers, identity numbers, e-mails, names with a title.

All patterns run on RE2 (through Arrow), whose time is linear in the text whatever the text.
RE2 has no look-around, so a border character belongs to the match and is put back; two numbers
that share one border character are caught by running the pattern twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geoservice.parsing.spelled_numbers import HIDDEN, SUSPECT, count_numerals, mask_spelled, visible
from geoservice.parsing.text import arrow, mask_of, series

# Any script's decimal digit, so that full-width and Arabic digits do not slip through.
_D = r"\p{Nd}"
_SEP = r"[ \-‐‑–.()（）]{0,2}"
_BEFORE, _AFTER = r"(^|[^\p{Nd}.．]|[^\p{Nd}][.．])", r"($|[^\p{Nd}])"
# Groups separated by spaces are judged by spelled_numbers: 1300 3784900 are two numbers.
_COUNTRY_CN = r"(?:[+＋]?[8８][6６][ \-]?|00[ ]?86[ \-]?|0)?"
_GROUPS_CN = rf"(?:{_D}{{8}}|-{_D}{{4}}-?{_D}{{4}}|-{_D}{{3}}-{_D}{{5}})"
_MOBILE_CN = rf"{_COUNTRY_CN}[1１][3-9３-９]{_D}{_GROUPS_CN}"
_LANDLINE = rf"[（(]?[0０]{_D}{{2,3}}[)）]?[ \-]?{_D}{{7,8}}"
_INTERNATIONAL = rf"[+＋]{_D}(?:{_SEP}{_D}){{7,14}}"
_NORTH_AMERICA = (
    rf"(?:[（(]{_D}{{3}}[)）][ \-.]?{_D}{{3}}[ \-.]|{_D}{{3}}-{_D}{{3}}[ \-]|{_D}{{3}}\.{_D}{{3}}\.){_D}{{4}}"
)
_INDIA = rf"[6-9]{_D}{{4}}[ \-]?{_D}{{5}}"
_LONG = rf"{_D}{{11,15}}"
_ID_CN = rf"(?:{_D}{{17}}[{_D}XxＸｘ]|{_D}{{6}}[ \-]{_D}{{8}}[ \-]{_D}{{3}}[{_D}Xx]|{_D}{{16,19}})"
_ID_DATED = rf"[1-8]{_D}{{5}}(?:19|20){_D}{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]{_D}|3[01]){_D}{{3}}[{_D}XxＸｘ]"
_CARD_GROUPS = rf"{_D}{{4}}(?:[ \-]{_D}{{4}}){{3}}(?:[ \-]?{_D}{{1,3}})?"
_EMAIL = r"[\p{Latin}\p{Nd}._%+\-]+[@＠][\p{Latin}\p{Nd}\-]+(?:[.．][\p{Latin}\p{Nd}\-]+)+"
# Spaced out or with words for the signs; then the end must be one everybody knows, or "me @ home. Please" is one.
_DOMAIN_END = r"(?i:com|cn|net|org|edu|gov|hk|tw|in|io|uk|de|me)\b"
_EMAIL_SPELLED = (
    r"[\p{Latin}\p{Nd}._%+\-]+ {0,2}(?:[@＠]|[\[(（{<] ?(?i:at) ?[\])）}>]|#| (?i:at) ) {0,2}"
    r"[\p{Latin}\p{Nd}\-]+(?: {0,2}(?:[.．。]|[\[(（{<] ?(?i:dot) ?[\])）}>]|点| (?i:dot) ) {0,2}[\p{Latin}\p{Nd}\-]+)*"
    r" {0,2}(?:[.．。]|[\[(（{<] ?(?i:dot) ?[\])）}>]|点| (?i:dot) ) {0,2}" + _DOMAIN_END
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐"
    "费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁"
    "杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房缪干解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁"
    "荀羊惠曲封储靳段富巫乌焦巴牧谷车侯全班仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束龙叶幸司韶黎薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴"
    "闻党翟谭贡姬申扶堵冉宰郦雍桑桂牛寿通边扈燕冀尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾居衡步都耿满弘匡国文寇广禄东欧"
    "沃利蔚越夔隆师巩聂晁勾敖融冷辛阚那简饶空曾沙鞠关蒯相查荆红游竺权肖覃佟付代邝岳佘苟"
    "張陳劉楊趙黃吳許馮鄭馬鄧蕭謝羅葉蘇盧鍾龍鄒賴賈龔蔣韓馮譚陸萬嚴齊錢孫邊應關聶顧魯簡饒區樂畢駱閻紀衛於"
)
_TITLE_ZH = "先生|女士|小姐|太太|女仕|阿姨|师傅|師傅|大姐|大哥|大爷|大妈"
_COMPOUND = "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐"
_NAME_ZH = rf"(?:{_COMPOUND}|[{_SURNAMES}])\p{{Han}}{{0,2}}({_TITLE_ZH})"
_LABEL_ZH = r"(联系人|聯絡人|姓名|机主|機主|户主)([:：是为]{1,2} ?)\p{Han}{2,4}"
_NAME_EN = (
    r"\b((?i:mr|mrs)\.?|M[sS]\.?|Miss|Mister|Madam|Mdm\.?|Dr\.?) ?\b([A-Z][\p{L}'’\-]+)(?: [A-Z][\p{L}'’\-]+)?",
    r"\b((?i:mr|mrs)\.?) [a-z][\p{L}'’\-]+",
    r"\b((?i:my name is|my name's)) [\p{L}'’\-]+(?: [A-Z][\p{L}'’\-]+)?",
)

_MARK = r"\[(?:phone|id|email|name|number)\]"
# What a text must hold for a group of patterns to find anything in it: one pass instead of twenty.
_EMAIL_SIGN = r"[@＠]|(?i:(?:[\[(（{<#] ?| )(?:at|dot)(?: ?[\])）}>]| )|#)"
_NAME_SIGN = rf"{_TITLE_ZH}|联系人|聯絡人|姓名|机主|機主|户主|(?i:\b(?:mrs?|ms|miss|mister|madam|mdm|dr)\b|my name)"
# Number patterns must not capture: the groups 1 and 2 are the borders.
# Order matters: the longest kind of number first, so that a part of it is not taken for another kind.
_NUMBERS = (
    (_ID_CN, "[id]"),
    (_CARD_GROUPS, "[number]"),
    (_INTERNATIONAL, "[phone]"),
    (_MOBILE_CN, "[phone]"),
    (_LANDLINE, "[phone]"),
    (_NORTH_AMERICA, "[phone]"),
    (_INDIA, "[phone]"),
    (_LONG, "[number]"),
)
_ANY_NUMBER = f"{_BEFORE}(?:{'|'.join(pattern for pattern, _ in _NUMBERS)}){_AFTER}"
# Arrow compiles a pattern anew for every column, which costs more than reading a text. A few texts are asked first
# whether they hold what no match can do without.
_FEW = 16
_FEWEST_DIGITS = 8  # of the shortest number above: a plus sign and eight digits
_FEWEST_NUMERALS = 10  # of SUSPECT
_NAME_HINT = re.compile(
    rf"{_TITLE_ZH}|联系人|聯絡人|姓名|机主|機主|户主|m[rs]|miss|madam|mdm|dr|my name", re.IGNORECASE
)
_EMAIL_HINT = re.compile(r"[@＠#]|at|dot", re.IGNORECASE)
# A column with at least so many rows a distinct text is masked text by text.
_ROWS_A_TEXT = 4


def mask(texts: pd.Series) -> pd.Series:
    """``texts`` with personal data replaced by ``[phone]``, ``[id]``, ``[email]``, ``[name]`` …

    Coordinates (``116.397496,39.908722``), dates and cell keys stay as they are.

    >>> mask(pd.Series(["张先生 13800138000 a.b@c.cn"], dtype="str"))[0]
    '[name]先生 [phone] [email]'
    """
    array = arrow(texts)
    coded = array.dictionary_encode()
    if len(coded.dictionary) * _ROWS_A_TEXT <= len(array):
        return series(_masked(coded.dictionary).take(coded.indices), texts.index)
    return series(_masked(array), texts.index)


def mask_text(text: str) -> str:
    """:func:`mask` for a single text."""
    return str(mask(pd.Series([text], dtype="str")).iloc[0])


def mask_keys(texts: pd.Series) -> pd.Series:
    """Identifiers (ticket numbers, file names) with telephone and identity numbers and e-mails replaced.

    Long numbers of other shapes are what identifiers are made of and stay.
    """
    array = arrow(texts)
    if _lacks(array, lambda text: "@" in text or "＠" in text or _has_digits(text)):
        return texts
    array = pc.replace_substring_regex(array, pattern=_EMAIL, replacement="[email]")
    for pattern, label in ((_ID_DATED, "[id]"), (_MOBILE_CN, "[phone]"), (_INTERNATIONAL, "[phone]")):
        bordered, put_back = _BEFORE + pattern + _AFTER, rf"\1{label}\2"
        array = pc.replace_substring_regex(array, pattern=bordered, replacement=put_back)
    return series(array, texts.index)


def mask_key(text: str) -> str:
    """:func:`mask_keys` for a single text.

    >>> mask_key("投诉13800138000.csv"), mask_key("20260304123456789.csv")
    ('投诉[phone].csv', '20260304123456789.csv')
    """
    return str(mask_keys(pd.Series([text], dtype="str")).iloc[0])


def without_marks(texts: pd.Series) -> pd.Series:
    """``texts`` without what :func:`mask` put in: a mark says nothing about the trouble."""
    if _lacks(arrow(texts), lambda text: "[" in text):
        return texts
    return series(pc.replace_substring_regex(arrow(texts), pattern=_MARK, replacement=" "), texts.index)


def _lacks(array: Any, needs: Callable[[str], bool]) -> bool:
    """Whether these are a few texts and none has what a match needs."""
    return len(array) <= _FEW and not any(needs(text) for text in array.to_pylist() if text)


def _has_digits(text: str) -> bool:
    return sum(map(str.isdecimal, text)) >= _FEWEST_DIGITS


def _where(array: Any, pattern: str, change: Callable[[Any], Any], needs: Callable[[str], object]) -> Any:
    """``change`` applied to the texts in which ``pattern`` is found; most texts are not touched.

    ``needs`` is true for every text in which the pattern can be found, and quick.
    """
    if _lacks(array, lambda text: bool(needs(text))):
        return array
    found = mask_of(pc.match_substring_regex(array, pattern=pattern))
    if not found.any():
        return array
    chosen = pa.array(found)
    return pc.replace_with_mask(array, chosen, change(array.filter(chosen)))


def _unhidden(array: Any) -> Any:
    """Invisible characters taken out where that uncovers something; other texts stay as they are."""
    seen = [visible(text) for text in array.to_pylist()]
    plain = pd.Series(seen, dtype="str")
    masked = mask(plain)
    return pa.array([m if m != s else t for m, s, t in zip(masked, seen, array.to_pylist(), strict=True)], array.type)


def _unspelled(array: Any) -> Any:
    return pa.array([mask_spelled(text) for text in array.to_pylist()], array.type)


def _masked(array: Any) -> Any:
    array = _where(array, HIDDEN, _unhidden, lambda text: visible(text) != text)
    array = _where(array, _EMAIL_SIGN, _without_emails, _EMAIL_HINT.search)
    array = _where(array, _ANY_NUMBER, _without_numbers, _has_digits)
    array = _where(array, _NAME_SIGN, _without_names, _NAME_HINT.search)
    return _where(array, SUSPECT, _unspelled, lambda text: count_numerals(text) >= _FEWEST_NUMERALS)


def _without_emails(array: Any) -> Any:
    array = pc.replace_substring_regex(array, pattern=_EMAIL, replacement="[email]")
    return pc.replace_substring_regex(array, pattern=_EMAIL_SPELLED, replacement="[email]")


def _without_numbers(array: Any) -> Any:
    for pattern, label in _NUMBERS:
        bordered, put_back = _BEFORE + pattern + _AFTER, rf"\1{label}\2"
        array = pc.replace_substring_regex(array, pattern=bordered, replacement=put_back)
        array = pc.replace_substring_regex(array, pattern=bordered, replacement=put_back)
    return array


def _without_names(array: Any) -> Any:
    array = pc.replace_substring_regex(array, pattern=_NAME_ZH, replacement=r"[name]\1")
    array = pc.replace_substring_regex(array, pattern=_LABEL_ZH, replacement=r"\1\2[name]")
    for pattern in _NAME_EN:
        array = pc.replace_substring_regex(array, pattern=pattern, replacement=r"\1 [name]")
    return array
