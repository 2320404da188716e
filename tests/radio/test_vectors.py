"""Every formula against the published vectors of the handbook, to 0.01 dB."""

import math

import numpy as np
import pytest

from geoservice.radio import antenna, hata, pathloss, power, shadowing, tr38901
from geoservice.radio.calibration import fit_line

VECTORS = {
    "COST 1800/30/1.5/1": (lambda: hata.cost231_db(1800, 30, 1.5, 1.0), 136.20),
    "COST metropolitan, large city": (lambda: hata.cost231_db(2000, 40, 1.5, 2.5, 3, True), 152.76),
    "Hata urban": (lambda: hata.okumura_hata_db(900, 30, 1.5, 3), 143.21),
    "Hata suburban": (lambda: hata.okumura_hata_db(900, 30, 1.5, 3, "suburban"), 133.27),
    "Hata open": (lambda: hata.okumura_hata_db(900, 30, 1.5, 3, "open"), 114.70),
    "UMa breakpoint": (lambda: tr38901.breakpoint_m(2.6, 25, 1.5), 416.00),
    "UMa LOS 200": (lambda: tr38901.uma_los_db(2.6, 200, 25, 1.5), 86.99),
    "UMa LOS 1000": (lambda: tr38901.uma_los_db(2.6, 1000, 25, 1.5), 109.15),
    "UMa NLOS 500": (lambda: tr38901.uma_nlos_db(2.6, 500, 25, 1.5), 127.33),
    "UMi LOS 100": (lambda: tr38901.umi_los_db(3.5, 100, 10, 1.5), 85.31),
    "UMi NLOS 200": (lambda: tr38901.umi_nlos_db(3.5, 200, 10, 1.5), 115.23),
    "RMa LOS 1000": (lambda: tr38901.rma_los_db(0.7, 1000, 35, 1.5), 93.38),
    "RMa breakpoint": (lambda: tr38901.rma_breakpoint_m(0.7, 35, 1.5), 769.69),
    "RMa NLOS 3000": (lambda: tr38901.rma_nlos_db(0.7, 3000, 35, 1.5), 134.87),
    "UMa mean 200": (lambda: pathloss.path_loss("uma", 2600, 200, 25).mean_db, 108.69),
    "O2I low": (lambda: tr38901.o2i_db(2.6, "low", 10), 17.26),
    "O2I high": (lambda: tr38901.o2i_db(2.6, "high", 10), 29.36),
    "A_H 60": (lambda: antenna.horizontal_db(60, 65), -10.22),
    "A_H over north": (lambda: antenna.horizontal_db(10 - 350, 65), -1.14),
    "down angle": (lambda: antenna.down_angle_deg(25, 1.5, 500), 2.69),
    "A_V": (lambda: antenna.vertical_db(2.69, 6, 7), -2.68),
    "tilt": (lambda: antenna.tilt_deg(3, 4, 60), 5.00),
    "gain": (lambda: antenna.gain_dbi(15, 30, antenna.down_angle_deg(25, 1.5, 500), 3, 3), 10.37),
    "element": (lambda: antenna.gain_dbi(8, 45, 10, 0, 0, 65, 65), 1.96),
    "footprint inner 6": (lambda: antenna.footprint_m(30, 6, 7)[0], 179.27),
    "footprint outer 6": (lambda: antenna.footprint_m(30, 6, 7)[1], 687.11),
    "footprint inner 3": (lambda: antenna.footprint_m(30, 3, 7)[0], 263.31),
    "EPRE LTE": (lambda: power.epre_dbm(43, 100), 12.21),
    "EPRE boosted": (lambda: power.epre_dbm(43, 100, 10 * math.log10(2)), 15.22),
    "EPRE NR": (lambda: power.epre_dbm(53, 273), 17.85),
    "RSRP": (lambda: power.rsrp_dbm(15.2, 10.37, 127.33, feeder_db=0.5), -102.26),
    "RSRP indoors": (lambda: power.rsrp_dbm(15.2, 10.37, 127.33, 0.5, tr38901.o2i_db(2.6, "low", 10)), -119.52),
    "noise": (lambda: power.noise_dbm(15), -125.24),
    "SINR": (lambda: power.sinr_db(-95, [-98, -101], 0.5), 4.24),
    "RSRQ": (lambda: power.rsrq_db(-95, [-98, -101], 0.5, 0.5), -10.22),
    "RSRQ alone": (lambda: power.rsrq_db(-80, [], 0.5, 1.0), -10.79),
    "margin 90": (lambda: shadowing.margin_db(0.90, 8), 10.25),
    "margin 95": (lambda: shadowing.margin_db(0.95, 8), 13.16),
    "sigma with O2I": (lambda: shadowing.total_sigma_db(6, 4.4), 7.44),
}
SHARES = {
    "LOS UMa": (lambda: tr38901.uma_los_probability(200), 0.128),
    "LOS UMi": (lambda: tr38901.umi_los_probability(100), 0.231),
    "LOS RMa": (lambda: tr38901.rma_los_probability(1000), 0.3716),
    "edge": (lambda: shadowing.exceedance(-110, -105, 8), 0.734),
    "area": (lambda: shadowing.area_probability(5.4, 8, 3.5), 0.899),
}


@pytest.mark.parametrize("name", VECTORS)
def test_published_vector(name):
    compute, expected = VECTORS[name]
    assert float(compute()) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("name", SHARES)
def test_published_probability(name):
    compute, expected = SHARES[name]
    assert float(compute()) == pytest.approx(expected, abs=0.0006)


def test_a_beam_that_never_falls_lights_to_infinity():
    assert antenna.footprint_m(30, 3, 7)[1] == np.inf


def test_calibration_vector():
    line = fit_line([-4, -5.5, -7, -8, -9, -9.5], [100, 200, 400, 800, 1000, 1600])
    found = (line.offset_db, line.slope_db, line.rmse_db)
    assert found == pytest.approx((-4.08, -4.62, 0.18), abs=0.01)
