"""Many pictures in one."""

import numpy as np

from nstlib.images import contact_sheet


def test_contact_sheet(make_picture):
    wide, high = make_picture(50, 100), make_picture(100, 50)
    sheet = contact_sheet([wide, wide, high, wide], 2, side=40, gap=4)
    assert sheet.shape == (20 + 4 + 40, 2 * 40 + 4, 3) and sheet.dtype == np.float32
    assert (sheet[:20, 40:44] == 255).all() and (sheet[20:24] == 255).all()
    assert (sheet[24:, :10] == 255).all() and not (sheet[24:, 10:30] == 255).all()
    assert contact_sheet([wide], 1, side=40, gap=0).shape == (20, 40, 3)
