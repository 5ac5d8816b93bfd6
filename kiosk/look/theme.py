"""The only place where a colour or a letter size is written.

Sizes are millimetres on the panel: `kiosk.look.window` tells Kivy the panel's true dots per inch. A letter
size is the height of the em square; capitals are 0.73 of it, so body text has capitals of 4.8 mm
(EN 301 549 5.1.4 asks for 6.1 mm at 500 mm only in the large mode; ADA 707.7.2 asks for 4.8 mm).
"""

from kivy.utils import get_color_from_hex as colour

# colour pairs: text on ground. Contrast is computed in the tests (WCAG 2.2: 4.5:1, we aim at 7:1).
GROUND = colour("#F2F6F8")
CARD = colour("#FFFFFF")
INK = colour("#13202B")
QUIET = colour("#42535F")
BRAND = colour("#0B4F6C")
BRAND_PRESSED = colour("#083A50")
ON_BRAND = colour("#FFFFFF")
QUIET_ON_BRAND = colour("#D5E6EE")
SOFT = colour("#DCEBF2")
SOFT_PRESSED = colour("#BDD9E6")
ACCENT = colour("#F2B134")
GOOD = colour("#12622F")
GOOD_GROUND = colour("#DDF2E3")
WARN = colour("#8A2A0B")
WARN_GROUND = colour("#FDEBDD")
EDGE = colour("#6B7F8C")  # borders of what can be touched: 3:1 on the ground

TEXT_ON_GROUND = (
    (INK, GROUND),
    (INK, CARD),
    (QUIET, GROUND),
    (QUIET, CARD),
    (ON_BRAND, BRAND),
    (ON_BRAND, BRAND_PRESSED),
    (QUIET_ON_BRAND, BRAND),
    (BRAND, CARD),
    (BRAND, SOFT),
    (BRAND, GROUND),
    (GOOD, GOOD_GROUND),
    (WARN, WARN_GROUND),
)
EDGE_ON_GROUND = ((EDGE, GROUND), (EDGE, CARD), (BRAND, GROUND))

# letter sizes in mm
SMALL = "5.6mm"
BODY = "6.6mm"
LARGE = "8.5mm"
TITLE = "12mm"
HUGE = "20mm"
NUMBER_MM = 58  # at most; less on a low panel

# in mm
TOUCH = "22mm"  # smallest side of what can be touched: 20 mm and an edge
