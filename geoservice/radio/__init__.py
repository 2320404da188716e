"""Radio tools: path loss, antenna, link budget, shadowing, calibration. They know nothing of complaints.

=====================  =========================================================
:mod:`.hata`           Okumura-Hata and COST-231-Hata
:mod:`.tr38901`        3GPP TR 38.901 UMa, UMi, RMa, LOS probability, O2I
:mod:`.pathloss`       one call by model name; loss, spread and validity together
:mod:`.antenna`        pattern, tilt, footprint
:mod:`.power`          EPRE, RSRP, RSRQ, SINR, noise
:mod:`.shadowing`      probability that the level exceeds a threshold
:mod:`.calibration`    correction by measurements
:mod:`.benefit`        who gains and who loses by a change
=====================  =========================================================

Functions take and return NumPy arrays (anything that broadcasts); units are in the names.
"""
