"""What agents find in the company's own data."""

import pytest

from desk.catalog.models import Faq, Home, Product
from desk.console.knowledge import find_facts, home_text


@pytest.fixture
def filled(database):
    with database.transaction() as session:
        session.add_all(
            [
                Faq(
                    code="F1", intent="ask_fee", question="物业费怎么收", answer="每平方米 2.8 元。"
                ),
                Home(code="H1", estate="云栖雅苑", layout="三室", area_m2=98.5, status="在售"),
                Home(
                    code="H2",
                    estate="云栖雅苑",
                    building="3栋",
                    layout="两室",
                    area_m2=76,
                    total_price=1_860_000,
                    unit_price=24_473,
                    orientation="南",
                    status="在售",
                ),
                Product(
                    code="P1",
                    name="断桥窗",
                    kind="窗",
                    material="铝合金",
                    price_from=800,
                    price_to=1200,
                    warranty="五年",
                    features="隔音。",
                ),
            ]
        )
    return database


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        ("物业费", ["faq"]),
        ("云栖 三室", ["home"]),
        ("云栖", ["home", "home"]),
        ("断桥", ["product"]),
        ("隔音 窗", ["product"]),
        ("100%", []),
        ("_", []),
        ("", []),
        ("<script>", []),
    ],
)
def test_all_words_must_fit(filled, wanted, kinds):
    with filled.reading() as session:
        assert [fact.kind for fact in find_facts(session, wanted)] == kinds


def test_a_sentence_says_what_is_known_and_no_more(filled):
    with filled.reading() as session:
        first, second = (fact.text for fact in find_facts(session, "云栖"))
        (product,) = (fact.text for fact in find_facts(session, "断桥"))
    assert first == "云栖雅苑，三室，98.5㎡，在售。"
    assert second == "云栖雅苑3栋，两室，76㎡，朝南，总价 186 万元，单价 24,473 元/㎡，在售。"
    assert product == "断桥窗（P1），铝合金，隔音，参考价 800～1,200 元/平方米，质保：五年。"
    assert "None" not in home_text(Home(estate="甲", layout="一室", area_m2=40, status="在售"))
