"""The picture of the playground: position, highlighting, visibility and zoom of regions in both views."""

from __future__ import annotations

import json
from io import BytesIO

import facemask
import numpy as np
import pytest
from PIL import Image
from playground_page import PlaygroundPage, expected_nose
from playwright.sync_api import expect
from support import sample
from support.paths import PHOTO_FILE

NOSE = ".hits [data-region='6']"


def centres(page: PlaygroundPage) -> dict[str, tuple[float, float]]:
    """Where the label points of the regions are on the screen."""
    found = page.page.evaluate(
        """() => [...document.querySelectorAll('.numbers text')].map((text) => {
             const at = new DOMPoint(text.getAttribute('x'), text.getAttribute('y'));
             const {x, y} = at.matrixTransform(text.getScreenCTM());
             return [text.textContent, [x, y]];
           })"""
    )
    return dict(found)


def label_at(page: PlaygroundPage, x: float, y: float) -> str:
    """The region under a place of the screen."""
    return page.page.evaluate("([x, y]) => document.elementFromPoint(x, y)?.dataset.region ?? ''", [x, y])


def test_one_click_shows_the_regions_of_the_sample(page: PlaygroundPage):
    page.load_sample()
    options = page.page.get_by_role("listbox", name="Regions in the picture").get_by_role("option")
    expect(options).to_have_count(10)
    expect(page.page.get_by_role("status")).to_contain_text("10 regions, roll 3.16°")
    facts = page.page.locator("#result-details").inner_text()
    for part in ("mediapipe-478", "lapa-11", "3.16° clockwise", "388 × 502", "miss", "ms"):
        assert part in facts


def test_files_are_dropped_anywhere_and_find_their_places(page: PlaygroundPage):
    page.page.evaluate(
        """async () => { const all = new DataTransfer();
             for (const name of ['segmentation.png', 'landmarks.json', 'image.jpg']) {
               const blob = await (await fetch(`playground/sample/${name}`)).blob();
               all.items.add(new File([blob], name, {type: blob.type}));
             }
             const drop = (kind) => document.querySelector('footer').dispatchEvent(
               new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: all}));
             drop('dragover'); drop('drop'); }"""
    )
    page.wait_for_result()
    for name, about in [("image", "image.jpg"), ("segmentation_map", "segmentation.png"), ("landmarks", "478 points")]:
        expect(page.page.locator(f"#about-{name}")).to_contain_text(about)


def test_a_second_answer_of_the_same_comes_from_the_cache(page: PlaygroundPage):
    page.load_sample()
    page.select_option("crop", "head")
    page.select_option("crop", "face")
    expect(page.page.locator("#result-details")).to_contain_text("exact")


@pytest.mark.parametrize("view", ["upright", "original"])
@pytest.mark.parametrize(
    ("angle", "mirror", "curve"),
    [(0.0, "none", "smooth"), (30.0, "none", "smooth"), (30.0, "none", "exact"), (-135.0, "pixels", "smooth")],
)
def test_regions_lie_on_the_photo_in_both_views(
    page: PlaygroundPage, tmp_path, view: str, angle: float, mirror: str, curve: str
):
    """The page shows the photo by its own affine; the label map says what must be at each place of it."""
    copy = sample.copy(angle, mirror)
    page.drop_files(*copy.save(tmp_path))
    page.wait_for_result()
    if curve != "smooth":
        page.select_option("curve", curve)
    page.check_radio("view", view)
    height, width = copy.labels.shape
    box = page.page.evaluate(
        """() => { const m = document.querySelector('#scene image').getScreenCTM();
                   return [m.a, m.b, m.c, m.d, m.e, m.f]; }"""
    )
    screen_from_image = np.array([[box[0], box[2], box[4]], [box[1], box[3], box[5]], [0, 0, 1]])
    for x, y in centres(page).values():
        at = np.linalg.solve(screen_from_image, [x, y, 1])
        column, row = int(at[0]), int(at[1])
        assert 0 <= column < width
        assert 0 <= row < height
        assert label_at(page, x, y) == str(copy.labels[row, column])
    turned = np.degrees(np.arctan2(box[1], box[0]))
    assert turned == pytest.approx(0 if view == "original" else -copy.tilt, abs=0.2)


def test_a_photo_with_an_exif_turn_is_shown_as_it_is_meant(page: PlaygroundPage, tmp_path):
    upright = sample.copy().photo.crop((0, 0, 900, 800))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "photo.jpg", exif=exif, quality=90)
    (tmp_path / "map.png").write_bytes(sample.encode_png(np.ascontiguousarray(sample.LABELS[:800])))
    (tmp_path / "points.json").write_text(json.dumps(sample.LANDMARKS.tolist()))
    page.drop_files(*(tmp_path / name for name in ("photo.jpg", "map.png", "points.json")))
    page.wait_for_result()
    expect(page.page.locator("#about-image")).to_have_text("900 × 800 · photo.jpg")
    expect(page.page.locator("#result-details")).to_contain_text("3.16° clockwise")
    page.page.get_by_role("checkbox", name="All").click()
    with Image.open(page.download("PNG").path()) as picture:
        shown = np.array(picture.convert("RGB")).astype(int)
    wanted = facemask.trace_face(
        sample.LABELS[:800], sample.LANDMARKS, image=np.array(upright), embed_image="crop"
    ).to_png()
    assert shown.shape[:2] == Image.open(BytesIO(wanted)).size[::-1]
    neck = np.array(Image.open(BytesIO(wanted)).convert("RGB")).astype(int)[470:500, 40:340]
    assert np.abs(shown[470:500, 40:340] - neck).mean() < 12


def test_pointing_at_a_region_names_it_there_and_in_the_list(page: PlaygroundPage):
    page.load_sample()
    page.page.locator(NOSE).hover()
    expect(page.page.locator("#tip")).to_have_text(f"nose {expected_nose('area'):,.0f} px² · 2.6 %")
    expect(page.page.locator("#regions .active")).to_contain_text("nose")
    expect(page.page.locator("#detail")).to_contain_text(
        f"outline {expected_nose('perimeter'):,.0f} px, 1 part, 0 holes"
    )
    page.page.locator("#regions li").nth(0).hover()
    expect(page.page.locator("#tip")).to_contain_text("skin")
    page.page.locator("footer").hover()
    expect(page.page.locator("#tip")).to_be_hidden()


def test_regions_are_hidden_one_by_one_and_all_together(page: PlaygroundPage):
    page.load_sample()
    page.page.get_by_role("checkbox", name="nose").uncheck()
    expect(page.page.locator(NOSE)).to_be_hidden()
    page.select_option("crop", "head")
    expect(page.page.locator(NOSE)).to_be_hidden()
    for shown in (0, 10, 0):  # from some to none
        page.page.get_by_role("checkbox", name="All").click()
        expect(page.page.locator(".hits path:not([hidden])")).to_have_count(shown)


def test_fill_numbers_points_and_photo_ask_nothing_of_the_service(page: PlaygroundPage):
    page.load_sample()
    asked = len(page.requests)
    page.page.get_by_label("Fill").fill("80")
    assert page.page.locator(".sheet").evaluate("sheet => getComputedStyle(sheet).opacity") == "0.8"
    page.page.get_by_role("checkbox", name="Numbers").check()
    expect(page.page.locator(".numbers")).to_be_visible()
    page.page.get_by_role("checkbox", name="Points").check()
    assert page.page.locator(".points").get_attribute("d").count("M") == 478
    page.page.get_by_role("checkbox", name="Photo").uncheck()
    expect(page.page.locator("#scene image")).to_be_hidden()
    assert len(page.requests) == asked


def test_every_option_changes_the_drawing(page: PlaygroundPage):
    page.load_sample()
    seen = {page.page.locator(".overlay defs").inner_html()}
    for name, value in [
        ("curve", "exact"),
        ("curve", "straight"),
        ("crop", "head"),
        ("crop", "none"),
        ("regions", "zones"),
    ]:
        page.select_option(name, value)
        shapes = page.page.locator(".overlay defs").inner_html()
        assert shapes not in seen
        seen.add(shapes)
    expect(page.page.locator("#regions")).to_contain_text("forehead")
    assert "Missing: ear_r" in page.message("options.regions")


@pytest.mark.parametrize(
    ("style", "lines", "dashes", "sheet"),
    [
        ("default", "visible", "visible", "visible"),
        ("outline", "visible", "hidden", "hidden"),
        ("cut", "visible", "hidden", "hidden"),
        ("solid", "hidden", "hidden", "visible"),
    ],
)
def test_styles_are_drawn_as_the_service_draws_them(
    page: PlaygroundPage, style: str, lines: str, dashes: str, sheet: str
):
    page.load_sample()
    if style != "default":
        page.select_option("style", style)
    look = "element => getComputedStyle(element).visibility"
    for part, expected in ((".lines", lines), (".dashes", dashes), (".sheet", sheet)):
        assert page.page.locator(part).evaluate(look) == expected
    borders = page.page.locator(".lines path")
    assert borders.count() == (0 if style == "solid" else 13)
    colour = "element => getComputedStyle(element).stroke"
    wanted = {"default": "rgb(51, 51, 51)", "outline": "rgb(233, 196, 106)", "cut": "rgb(255, 0, 0)"}
    if style in wanted:
        assert borders.nth(0).evaluate(colour) == wanted[style]
    # The list has the regions in their colours, though the style "cut" has no regions in its file.
    expect(page.page.get_by_label("Colour of nose")).to_have_value("#fd7e14")
    assert label_at(page, *centres(page)["6"]) == "6"


def test_a_border_is_shown_while_one_of_its_regions_is(page: PlaygroundPage):
    page.load_sample()
    border = page.page.locator('.lines path[data-regions="1 6"]')
    for name, is_shown in (("nose", True), ("skin", False)):
        page.page.get_by_role("checkbox", name=name).uncheck()
        expect(border).to_be_visible(visible=is_shown)
    expect(page.page.locator('.lines path[data-regions="1 10"]')).to_be_visible()


def test_ids_of_the_drawing_are_those_of_its_job(page: PlaygroundPage):
    with page.page.expect_response("**/submit*") as waiting:
        page.load_sample()
    job = waiting.value.json()["id"]
    ids = page.page.evaluate("() => [...document.querySelectorAll('.overlay [id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids)) == 12  # ten regions, their borders, their silhouette
    assert all(name.startswith(f"job-{job}-") for name in ids)


def test_a_colour_of_ones_own_is_in_the_picture_and_in_the_file(page: PlaygroundPage):
    page.load_sample()
    with page.page.expect_response("**/submit*"):
        page.page.get_by_label("Colour of nose").evaluate(
            "input => { input.value = '#00ff88'; input.dispatchEvent(new Event('change')); }"
        )
    page.wait_for_result()
    expect(page.page.locator(".fills use").nth(5)).to_have_attribute("fill", "#00ff88")
    assert 'data-name="nose" fill="#00ff88"' in page.download("SVG").path().read_text()


def test_zoom_keeps_the_place_under_the_pointer(page: PlaygroundPage):
    page.load_sample()
    for _ in range(3):  # until it is larger than its window both ways
        page.page.get_by_role("button", name="Larger").click()
    x, y = centres(page)["6"]
    page.page.mouse.dblclick(x, y)
    assert centres(page)["6"] == pytest.approx((x, y), abs=1)  # clicks have whole pixels
    expect(page.page.locator("#zoom-value")).not_to_have_text("100 %")
    before = centres(page)["6"]
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    page.page.mouse.move(x + 30, y + 20)
    page.page.mouse.up()
    assert centres(page)["6"] == pytest.approx((before[0] + 30, before[1] + 20), abs=0.5)
    page.page.get_by_role("button", name="Fit the picture").click()
    assert page.page.locator("#scene.near").count() == 0


def test_a_photo_of_12_megapixels_stays_light(page: PlaygroundPage, tmp_path):
    """The copy that is shown is small, and pointing at regions builds and parses nothing."""
    width, height = 4000, 3000
    labels = sample.resize_nearest(sample.LABELS, width, height)
    scale = [width / 900, height / 900]
    Image.open(PHOTO_FILE).resize((width, height)).save(tmp_path / "photo.jpg", quality=80)
    (tmp_path / "map.png").write_bytes(sample.encode_png(labels))
    (tmp_path / "points.json").write_text(json.dumps((sample.LANDMARKS * scale).tolist()))
    page.drop_files(*(tmp_path / name for name in ("photo.jpg", "map.png", "points.json")))
    page.wait_for_result()
    shown = page.page.evaluate(
        """async () => { const image = new Image(); image.src = document.querySelector('#scene image').href.baseVal;
                         await image.decode(); return [image.naturalWidth, image.naturalHeight]; }"""
    )
    assert shown == [1800, 1350]
    page.page.evaluate(
        """() => { window.seen = [];
                   const note = (list) => window.seen.push(...list.map((m) => m.attributeName ?? m.type));
                   const all = {attributes: true, childList: true, subtree: true};
                   new MutationObserver(note).observe(document.querySelector('#scene'), all); }"""
    )
    for region in ("6", "1", "10"):
        x, y = centres(page)[region]
        page.page.mouse.move(x, y)
        expect(page.page.locator(f"#regions .active[data-region='{region}']")).to_be_visible()
    assert set(page.page.evaluate("window.seen")) == {"class"}


def test_the_picture_turns_upright_before_ones_eyes(open_page, tmp_path):
    page = open_page(reduced_motion="no-preference", bypass_csp=True)  # waiting for a function needs eval
    page.page.evaluate(
        """() => { window.turns = new Set();
                   const world = () => document.querySelector('#scene > g > g').getAttribute('transform') ?? '';
                   const look = () => { const found = /rotate\\((\\S+)\\)/.exec(world());
                                        if (found) window.turns.add(found[1]);
                                        requestAnimationFrame(look); }; look(); }"""
    )
    page.drop_files(*sample.copy(30.0).save(tmp_path))
    page.wait_for_result()
    page.page.wait_for_function("[...window.turns].some((turn) => Math.abs(Number(turn) + 33.16) < 0.1)")
    turns = sorted(float(turn) for turn in page.page.evaluate("[...window.turns]"))
    assert len(turns) > 4
    assert turns[-1] == 0
