"""From evidence to causes: the handbook's decision table, read from data and scored."""

from geoservice.diagnosis.causes import Cause, causes
from geoservice.diagnosis.diagnose import diagnose
from geoservice.diagnosis.roaming import RoamingStep, country_code, roaming_step
from geoservice.diagnosis.sentences import cause_sentences, label

__all__ = ["Cause", "RoamingStep", "cause_sentences", "causes", "country_code", "diagnose", "label", "roaming_step"]
